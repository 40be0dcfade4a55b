// A push service that takes every message with 201, over HTTP/2 and HTTP/1.1, in a process of its own. Its parent tells it
// over IPC how many subscriptions to count and which messages to keep; when each of them has had one it tells what came.
import { createSecureServer } from 'node:http2';
import { index_of } from './subscriptions.mjs';

// libcurl 7.88 resets streams that have ended, and nghttp2, on which Node stands, ends a connection with more than a
// thousand resets, be it in the middle of a message, which is then sent again. So connections end in peace before, as
// nginx ends them after a thousand requests.
const streams_per_session = 900;

let round;

class Round {
  #kept = new Map();
  #seen;
  #missing;
  #requests = 0;
  #versions = new Set();
  #cpu = process.cpuUsage();

  constructor({ count, keep }) {
    this.#seen = new Uint8Array(count);
    this.#missing = count;
    this.keep = new Set(keep);
  }

  take({ url, httpVersion, headers }, pieces) {
    const index = index_of(url);
    this.#requests += 1;
    this.#versions.add(httpVersion);
    if (this.keep.has(index)) {
      this.#kept.set(index, { index, authorization: headers.authorization, body: Buffer.concat(pieces).toString('base64') });
    }
    if (this.#seen[index] === 1) return;
    this.#seen[index] = 1;
    this.#missing -= 1;
    if (this.#missing === 0) this.#report();
  }

  #report() {
    const { user, system } = process.cpuUsage(this.#cpu);
    process.send({
      last_ns: String(process.hrtime.bigint()),
      requests: this.#requests,
      versions: [...this.#versions],
      cpu_s: (user + system) / 1e6,
      kept: [...this.#kept.values()],
    });
  }
}

function serve({ certificate, key }) {
  const server = createSecureServer({ cert: certificate, key, allowHTTP1: true });
  server.on('request', (request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      response.writeHead(201).end();
      round?.take(request, pieces);
    });
    response.on('error', () => {}); // the sender has broken off
  });
  server.on('session', (session) => {
    let streams = 0;
    session.on('stream', () => {
      streams += 1;
      if (streams === streams_per_session) session.close();
    });
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}

process.on('message', (message) => {
  if (message.certificate) serve(message);
  else round = new Round(message);
});
process.on('disconnect', () => process.exit());
