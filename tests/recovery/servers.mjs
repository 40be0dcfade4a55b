// One server after the other on the same port and over the same data: each is a generation, counted from 1.
import assert from 'node:assert/strict';
import { startServer } from '../integration/support/server.mjs';

const exitMs = 60_000;
const untouched = { after() {} }; // how each of them ends is told below

export class Servers {
  #options;
  #server = null;
  #port = 0;

  generation = 0;

  constructor({ settings, flags, data }) {
    this.#options = { settings, flags, data };
  }

  // { port, generation, … } of the server that takes connections; null while there is none.
  get current() {
    return this.#server && { port: this.#port, generation: this.generation };
  }

  // The server as tests/integration/support knows it.
  get server() {
    return this.#server;
  }

  async start() {
    const server = await startServer(untouched, { ...this.#options, listen: `127.0.0.1:${this.#port}` });
    this.#port = server.port;
    this.generation += 1;
    this.#server = server;
  }

  async kill() {
    const server = this.#gone();
    server.signal('SIGKILL');
    assert.equal(await server.exited(exitMs), 'SIGKILL', server.log.slice(-5).join('\n'));
  }

  // As an operator does: it says good-bye to its clients, and has to end well.
  async drain() {
    const server = this.#gone();
    server.signal('SIGTERM');
    await server.exited(exitMs);
    await server.stop();
  }

  #gone() {
    const server = this.#server;
    this.#server = null;
    return server;
  }
}
