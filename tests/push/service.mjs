// A push service that does what the path of an endpoint says, or what script() says about that path, over HTTP/2 and
// HTTP/1.1:
//
//   /status/503[/RETRY-AFTER]   answers at once
//   /redirect/URL               307 to there
//   /hold                       answers 201 once release() is called
//   /silent                     never answers
//   /reset                      cuts the stream (HTTP/2) or the connection (HTTP/1.1)
//   /large/STATUS               a body without end
//   /many-headers               more headers than anyone needs
//   /trickle                    201, then a byte of its body now and then
//
// Run by itself it prints {"origin", "ca"} and answers until its input ends.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { CertificateAuthority } from '../integration/support/certificates.mjs';
import { Waiters } from '../integration/support/deadline.mjs';

export class PushService {
  connections = 0; // that there have been
  connectionsMax = 0; // at the same time
  handshakesFailed = 0; // because the other side did not trust the certificate, for example
  requests = []; // { path, version, headers, body, at, did }, each when it has come as a whole
  #held = [];
  #scripts = new Map();
  #waiters = new Waiters();
  #sockets = new Set();
  #server;

  // `tls`: what CertificateAuthority.issue() gave. `http2: false`: HTTP/1.1 only. `settings`: of HTTP/2.
  static async start({ certificate, key }, { http2 = true, settings = {}, keepRequests = true } = {}) {
    const service = new PushService();
    service.keepRequests = keepRequests;
    const options = { cert: certificate, key, allowHTTP1: true, settings };
    service.#server = http2 ? createSecureServer(options) : createHttpsServer(options);
    service.#server.on('secureConnection', (socket) => {
      service.connections += 1;
      service.#sockets.add(socket.on('close', () => service.#sockets.delete(socket)).on('error', () => {}));
      service.connectionsMax = Math.max(service.connectionsMax, service.#sockets.size);
    });
    service.#server.on('tlsClientError', () => {
      service.handshakesFailed += 1;
      service.#waiters.changed();
    });
    service.#server.on('request', (request, response) => void service.#take(request, response));
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    service.host = `localhost:${service.#server.address().port}`;
    service.origin = `https://${service.host}`;
    return service;
  }

  // What to do about the next requests for `path`: `answers` are paths as above, and the last one stays.
  script(path, answers) {
    this.#scripts.set(path, [...answers]);
  }

  // Speaks HTTP/1.1 on a TLS connection that somebody else has accepted; needs `http2: false`.
  adopt(socket) {
    this.#server.emit('secureConnection', socket);
  }

  // Shows another certificate from the next connection on.
  present({ certificate, key }) {
    this.#server.setSecureContext({ cert: certificate, key });
  }

  // As Waiters.until(); asked after every request.
  until(look, what, ms) {
    return this.#waiters.until(look, what, ms);
  }

  // Resolves when `count` requests have come.
  received(count) {
    return this.until(() => this.requests.length >= count || undefined, `${count} requests`);
  }

  requestsFor(path) {
    return this.requests.filter((request) => request.path === path);
  }

  release() {
    for (const response of this.#held.splice(0)) response.writeHead(201).end();
  }

  close() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #take(request, response) {
    response.on('error', () => {});
    const pieces = [];
    try {
      for await (const piece of request) pieces.push(piece);
    } catch {
      return; // the sender has broken off
    }
    const { url: path, httpVersion: version, headers } = request;
    const did = this.#next(path);
    const body = Buffer.concat(pieces);
    this.requests.push(this.keepRequests ? { path, version, headers, body, at: performance.now(), did } : null);
    this.#waiters.changed();
    this.#answer(did, response);
  }

  #next(path) {
    const answers = this.#scripts.get(path) ?? [path];
    return answers.length > 1 ? answers.shift() : answers[0];
  }

  #answer(path, response) {
    const [, what, first = '', ...others] = path.split('/');
    const rest = decodeURIComponent(others.join('/'));
    switch (what) {
      case 'status':
        return response.writeHead(Number(first), rest ? { 'retry-after': rest } : {}).end();
      case 'redirect':
        return response.writeHead(307, { location: decodeURIComponent(first) }).end();
      case 'hold':
        return void this.#held.push(response);
      case 'silent':
        return undefined;
      case 'reset':
        return (response.stream?.session ?? response).destroy();
      case 'large': {
        response.writeHead(Number(first));
        const write = () => {
          while (!response.destroyed && response.write('x'.repeat(8_192)));
        };
        response.on('drain', write);
        return write();
      }
      case 'many-headers':
        return response
          .writeHead(201, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`x-${i}`, 'y'.repeat(1_000)])))
          .end();
      case 'trickle': {
        response.writeHead(201);
        const timer = setInterval(() => response.write('x'), 20);
        return response.on('close', () => clearInterval(timer));
      }
      default:
        throw new Error(`no such path: ${path}`);
    }
  }
}

// What is no push service at all: a TLS server, or with `tls: null` a TCP server, that lets `speak` have every
// connection. { host, origin, close }
export async function startOddServer(tls, speak) {
  const sockets = new Set();
  const take = (socket) => {
    sockets.add(socket.on('error', () => {}));
    speak(socket);
  };
  const server = tls
    ? createTlsServer({ cert: tls.certificate, key: tls.key, ALPNProtocols: ['http/1.1'] }, take)
    : createTcpServer(take);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `localhost:${server.address().port}`;
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { host, origin: `https://${host}`, close };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = mkdtempSync(join(tmpdir(), 'pipit-push-service-'));
  const service = await PushService.start(new CertificateAuthority(folder).issue(), { keepRequests: false });
  console.log(JSON.stringify({ origin: service.origin, ca: join(folder, 'ca.pem') }));
  process.stdin.resume().on('end', () => {
    console.log(JSON.stringify({ connections: service.connections, requests: service.requests.length }));
    service.close();
    rmSync(folder, { recursive: true });
  });
}
