// One connection that speaks HTTP/1.1 as raw bytes, so that it can also speak it badly.
import { Waiters } from './deadline.mjs';

export class HttpPeer {
  #socket;
  #waiters = new Waiters();
  #received = Buffer.alloc(0);
  #ended = false;

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', this.#onData);
    for (const event of ['end', 'close', 'error']) socket.on(event, this.#onEnd);
  }

  write(bytes) {
    this.#socket.write(bytes);
  }

  // With a `body` its length is told, unless `headers` do.
  request(method, path, headers = {}, body = undefined) {
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const lines = Object.entries({ ...length, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`);
  }

  // The next response: { status, headers, body }, names in lower case. `head`: it answers HEAD and has no body.
  response({ head = false } = {}) {
    return this.#waiters.until(() => {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return this.#needMore('a response');
      const [statusLine, ...lines] = this.#received.toString('latin1', 0, end).split('\r\n');
      const headers = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
      );
      const bodyBytes = head ? 0 : Number(headers['content-length'] ?? 0);
      if (this.#received.length < end + 4 + bodyBytes) return this.#needMore('the body of a response');
      const body = this.#received.toString('utf8', end + 4, end + 4 + bodyBytes);
      this.#received = this.#received.subarray(end + 4 + bodyBytes);
      return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)[1]), headers, body };
    }, 'a response');
  }

  // Resolves once the server has closed the connection, with what came before that and was not asked for.
  ended() {
    return this.#waiters.until(
      () => (this.#ended ? this.#received.toString('latin1') : undefined),
      'the end of a connection',
    );
  }

  destroy() {
    this.#socket.destroy();
  }

  // Gives up the socket, and what was received on it already, for what the connection has become.
  handOver() {
    this.#socket.off('data', this.#onData);
    for (const event of ['end', 'close', 'error']) this.#socket.off(event, this.#onEnd);
    return { socket: this.#socket, early: this.#received };
  }

  #needMore(what) {
    if (this.#ended) throw new Error(`${what}: the connection ended after "${this.#received.toString('latin1')}"`);
    return undefined;
  }

  #onData = (bytes) => {
    this.#received = Buffer.concat([this.#received, bytes]);
    this.#waiters.changed();
  };

  #onEnd = () => {
    this.#socket.end();
    this.#ended = true;
    this.#waiters.changed();
  };
}
