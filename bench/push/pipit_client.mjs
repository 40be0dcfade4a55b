// One connection to Pipit (protocol/PROTOCOL.md).
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inSeconds, signHs256 } from '../../tests/integration/support/tokens.mjs';

const { WebSocket } = createRequire(new URL('../servers/package.json', import.meta.url))('ws');

export class PipitClient {
  #socket;
  #next_id = 1;
  #answers = new Map(); // by id: resolve and reject
  #failure;

  /** Signs in as `user` at the server that runs on `port` with its data in `dir`. */
  static async sign_in({ port, dir }, user, claims = {}) {
    const client = new PipitClient(new WebSocket(`ws://127.0.0.1:${port}/v1/realtime`, 'pipit.v1'));
    await once(client.#socket, 'open');
    const secret = Buffer.from(readFileSync(join(dir, 'keys/token.secret'), 'utf8').trim(), 'base64url');
    await client.call('connect', { token: signHs256(secret, { sub: user, exp: inSeconds(3_600), ...claims }) });
    return client;
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on('message', (text) => {
      for (const object of String(text).split('\n')) this.#take(JSON.parse(object));
    });
    socket.on('close', () => {
      this.#failure = new Error('the server has closed the connection');
      for (const { reject } of this.#answers.values()) reject(this.#failure);
    });
  }

  /** Resolves to what is answered with ok; rejects with the error otherwise. */
  call(op, parameters) {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = this.#next_id++;
    this.#socket.send(JSON.stringify({ id, op, ...parameters }));
    return new Promise((resolve, reject) => this.#answers.set(id, { resolve, reject }));
  }

  close() {
    this.#socket.close();
  }

  #take(object) {
    if (Object.keys(object).length === 0) return this.#socket.send('{}'); // a heartbeat
    const { id, ok, error } = object;
    if (id === undefined) return undefined; // an event
    const { resolve, reject } = this.#answers.get(id);
    this.#answers.delete(id);
    return ok ? resolve(ok) : reject(new Error(JSON.stringify(error)));
  }
}
