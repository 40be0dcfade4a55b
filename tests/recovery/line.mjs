// One client's way to the server: a TCP proxy that can cut, half-close, hold up and slow down what goes through it.
import { connect, createServer } from 'node:net';
import { once } from 'node:events';

const waitingBytesMax = 256 * 1024; // above it the sender is not read, as a kernel would do
const tickMs = 20;

// Bytes of one direction, in order, each at its time. `weather`: { delayMs, stalledUntilMs, bytesPerS }.
class Direction {
  #from;
  #to;
  #weather;
  #waiting = []; // { bytes (null: FIN), dueMs }
  #waitingBytes = 0;
  #timer = null;

  constructor(from, to, weather) {
    this.#from = from;
    this.#to = to;
    this.#weather = weather;
    from.on('data', (bytes) => this.#take(bytes));
    from.on('end', () => this.#take(null));
    to.on('drain', () => this.pass());
    to.on('close', () => clearTimeout(this.#timer));
  }

  // Passes on what is due.
  pass() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const { stalledUntilMs, bytesPerS } = this.#weather;
    const now = performance.now();
    let budget = bytesPerS === null ? Infinity : Math.max(1, (bytesPerS * tickMs) / 1000);
    while (this.#waiting.length > 0 && !this.#to.destroyed) {
      const [next] = this.#waiting;
      const waitMs = Math.max(next.dueMs, stalledUntilMs) - now;
      if (waitMs > 0) return this.#later(waitMs);
      if (budget < 1) return this.#later(tickMs);
      if (next.bytes === null || this.#to.writableEnded) {
        this.#waiting.shift();
        this.#to.end();
        continue;
      }
      const part = next.bytes.subarray(0, budget);
      next.bytes = next.bytes.subarray(part.length);
      if (next.bytes.length === 0) this.#waiting.shift();
      budget -= part.length;
      this.#waitingBytes -= part.length;
      if (this.#waitingBytes < waitingBytesMax) this.#from.resume();
      if (!this.#to.write(part)) return; // goes on at 'drain'
    }
  }

  #take(bytes) {
    this.#waiting.push({ bytes, dueMs: performance.now() + this.#weather.delayMs });
    this.#waitingBytes += bytes?.length ?? 0;
    if (this.#waitingBytes >= waitingBytesMax) this.#from.pause();
    if (this.#timer === null && !this.#to.writableNeedDrain) this.pass();
  }

  #later(ms) {
    this.#timer = setTimeout(() => this.pass(), Math.min(ms, 60_000));
  }
}

const fairWeather = () => ({ delayMs: 0, stalledUntilMs: 0, bytesPerS: null });

export class Line {
  #server;
  #target;
  #pair = null; // the newest connection: { client, server, up, down }
  #weather = { up: fairWeather(), down: fairWeather() };
  #awayUntilMs = 0;
  #timers = new Set();

  // The generation of the server (see servers.mjs) that the newest connection was made to.
  generation = null;

  // `target()` is { port, generation } of the server, or null while there is none.
  static async open(target) {
    const line = new Line(target);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    line.port = line.#server.address().port;
    return line;
  }

  constructor(target) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#onClient(client));
  }

  get isLive() {
    return this.#pair !== null;
  }

  // RST to both sides.
  cut() {
    this.#reset(this.#pair);
  }

  // FIN to the side `to` ('client' or 'server') ahead of what is under way; the other direction goes on.
  halfClose(to) {
    this.#pair?.[to].end();
  }

  // Everything that is sent in `direction` ('up' to the server, 'down') takes so much longer, for a time.
  delay(direction, delayMs, forMs) {
    this.#change(direction, { delayMs }, { delayMs: 0 }, forMs);
  }

  slow(direction, bytesPerS, forMs) {
    this.#change(direction, { bytesPerS }, { bytesPerS: null }, forMs);
  }

  // Nothing goes through for a time, then everything.
  stall(direction, forMs) {
    this.#weather[direction].stalledUntilMs = performance.now() + forMs;
  }

  // No network for a time: what there is is cut, what comes is refused.
  away(forMs) {
    this.#awayUntilMs = performance.now() + forMs;
    this.cut();
  }

  // From now on everything goes well.
  clear() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#awayUntilMs = 0;
    for (const direction of ['up', 'down']) {
      Object.assign(this.#weather[direction], fairWeather());
      this.#pair?.[direction].pass();
    }
  }

  close() {
    this.clear();
    this.cut();
    this.#server.close();
  }

  #change(direction, change, back, forMs) {
    const weather = this.#weather[direction];
    Object.assign(weather, change);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      Object.assign(weather, back);
      this.#pair?.[direction].pass();
    }, forMs);
    this.#timers.add(timer);
  }

  #onClient(client) {
    client.on('error', () => {}); // 'close' follows
    const target = performance.now() < this.#awayUntilMs ? null : this.#target();
    if (target === null) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: '127.0.0.1', port: target.port, allowHalfOpen: true, noDelay: true });
    server.on('error', () => {});
    const pair = { client, server };
    pair.up = new Direction(client, server, this.#weather.up);
    pair.down = new Direction(server, client, this.#weather.down);
    for (const side of [client, server]) side.on('close', () => this.#over(pair, side));
    this.#pair = pair;
    this.generation = target.generation;
  }

  // A side that has gone without FINs in both directions takes the other one with it.
  #over(pair, { readableEnded, writableFinished }) {
    if (!readableEnded || !writableFinished) this.#reset(pair);
    if (this.#pair === pair && pair.client.destroyed && pair.server.destroyed) this.#pair = null;
  }

  #reset(pair) {
    for (const socket of pair ? [pair.client, pair.server] : []) if (!socket.destroyed) socket.resetAndDestroy();
  }
}
