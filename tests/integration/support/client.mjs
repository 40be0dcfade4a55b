// A client of pipit.v1 that does what it is told, also when that is wrong. What it receives is checked as RFC 6455
// and RFC 7692 demand.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { Deflate, agree } from '../../conformance/wire/deflate.mjs';
import { FrameReader, Opcode, close, encode, ping, text } from '../../conformance/wire/frames.mjs';
import { acceptFor } from '../../conformance/wire/handshake.mjs';
import { Waiters } from './deadline.mjs';

const rsv1 = 4;

export class Client {
  #socket;
  #waiters = new Waiters();
  #reader = new FrameReader();
  #deflate;
  #answersHeartbeats;
  #answersClose;
  #lastId = 0;
  #replies = new Map();
  #answered = new Set();
  #events = [];
  #closeSent = false;
  #closing = null;
  #ended = false;

  // The request of the opening handshake. `headers` replace or, when null, take out what would be sent.
  static upgradeHeaders({
    host,
    protocols = ['pipit.v1'],
    extensions,
    headers = {},
    key = randomBytes(16).toString('base64'),
  }) {
    const all = {
      Host: host,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': key,
      'Sec-WebSocket-Protocol': protocols.join(', '),
      'Sec-WebSocket-Extensions': extensions ?? null,
      ...headers,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  }

  // Turns an HTTP connection into a WebSocket.
  //   protocols, extensions, headers  of the request
  //   early                           frames to send right behind the request
  //   answersHeartbeats, answersClose  false: keeps silent where a client has to answer
  static async open(peer, options) {
    const { extensions, early = [], answersHeartbeats = true, answersClose = true } = options;
    const key = randomBytes(16).toString('base64');
    peer.request('GET', '/v1/realtime', Client.upgradeHeaders({ ...options, key }));
    peer.write(Buffer.concat(early.map(encode)));
    const { status, headers, body } = await peer.response();
    assert.equal(status, 101, body);
    assert.equal(headers.upgrade.toLowerCase(), 'websocket');
    assert.equal(headers.connection.toLowerCase(), 'upgrade');
    assert.equal(headers['sec-websocket-accept'], acceptFor(key));
    assert.equal(headers['sec-websocket-protocol'], 'pipit.v1');
    const agreed = agree(headers['sec-websocket-extensions'] ?? '', extensions ? [extensions] : []);
    const client = new Client(peer.handOver(), agreed, answersHeartbeats, answersClose);
    client.extensions = headers['sec-websocket-extensions'];
    return client;
  }

  constructor({ socket, early }, agreed, answersHeartbeats, answersClose) {
    this.#socket = socket;
    this.#deflate = agreed && new Deflate(agreed);
    this.#answersHeartbeats = answersHeartbeats;
    this.#answersClose = answersClose;
    socket.on('data', (bytes) => this.#onData(bytes));
    socket.on('error', () => this.#onEnd());
    socket.on('close', () => this.#onEnd());
    socket.on('end', () => this.#onServerDone());
    if (early.length > 0) this.#onData(early);
  }

  // Sends frames (of conformance/wire/frames.mjs) in one write.
  sendFrames(...frames) {
    this.#socket.write(Buffer.concat(frames.map(encode)));
  }

  sendText(payload) {
    this.sendFrames(text(payload));
  }

  ping() {
    this.sendFrames(ping());
  }

  // Sends a message the way permessage-deflate was agreed to.
  sendDeflated(payload) {
    this.sendFrames({ ...text(this.#deflate.compress(Buffer.from(payload))), rsv: rsv1 });
  }

  // A command as text, with the id that its reply will have.
  command(command) {
    this.#lastId += 1;
    return { id: this.#lastId, text: JSON.stringify({ id: this.#lastId, ...command }) };
  }

  // Sends a command; resolves with its reply, which has `ok` or `error`.
  request(command) {
    const { id, text: json } = this.command(command);
    this.sendText(json);
    return this.reply(id);
  }

  // Posts the JSON text `data` as it stands.
  post(to, data) {
    this.#lastId += 1;
    this.sendText(`{"id":${this.#lastId},"op":"post","to":${JSON.stringify(to)},"data":${data}}`);
    return this.reply(this.#lastId);
  }

  reply(id) {
    return this.#until(() => {
      const reply = this.#replies.get(id);
      this.#replies.delete(id);
      return reply;
    }, `the reply to command ${id}`);
  }

  // The next event: its members, `json` (the text as it was received) and `compressed` (whether its message was).
  event() {
    return this.#until(() => this.#events.shift(), 'an event');
  }

  // Resolves with { code, reason } of the server's close frame once it has come.
  closed() {
    return this.#waiters.until(() => {
      if (this.#closing === null && this.#ended) throw new Error('the connection ended without a close frame');
      return this.#closing ?? undefined;
    }, 'a close frame');
  }

  // Resolves when the TCP connection is over.
  ended() {
    return this.#waiters.until(() => this.#ended || undefined, 'the end of the connection');
  }

  // Closes properly.
  async close(code = 1000) {
    this.sendFrames(close(code));
    this.#closeSent = true;
    return this.closed();
  }

  // Stops reading, as a client does whose program hangs.
  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  destroy() {
    this.#socket.destroy();
    this.#onEnd();
  }

  get certificate() {
    return this.#socket.getPeerCertificate();
  }

  #until(look, what) {
    return this.#waiters.until(() => {
      const found = look();
      if (found !== undefined || !(this.#ended || this.#closing)) return found;
      throw new Error(`${what}: the connection was closed (${JSON.stringify(this.#closing)})`);
    }, what);
  }

  #onData(bytes) {
    for (const frame of this.#reader.push(bytes)) this.#onFrame(frame);
    this.#waiters.changed();
  }

  #onFrame({ opcode, fin, rsv, payload }) {
    assert.equal(this.#closing, null, 'a frame after the close frame');
    if (opcode === Opcode.close) return this.#onClose(payload);
    if (opcode === Opcode.pong) return undefined;
    assert.equal(opcode, Opcode.text);
    assert.ok(fin, 'the server has no need to fragment');
    const compressed = rsv === rsv1;
    assert.ok(rsv === 0 || (compressed && this.#deflate), `reserved bits ${rsv}`);
    const message = compressed ? this.#deflate.decompress(payload) : payload;
    assert.ok(isUtf8(message));
    for (const json of message.toString().split('\n')) this.#onObject(json, compressed);
    return undefined;
  }

  #onObject(json, compressed) {
    const object = JSON.parse(json);
    if (object.ev !== undefined) {
      this.#events.push({ ...object, json, compressed });
    } else if (object.id !== undefined) {
      assert.ok(!this.#answered.has(object.id), `a second reply to command ${object.id}`);
      this.#answered.add(object.id);
      this.#replies.set(object.id, object);
    } else {
      assert.equal(json, '{}');
      if (this.#answersHeartbeats) this.sendText('{}');
    }
  }

  #onClose(payload) {
    this.#closing =
      payload.length === 0
        ? { code: 1005, reason: '' }
        : { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
    if (this.#answersClose && !this.#closeSent)
      this.sendFrames({ opcode: Opcode.close, fin: true, rsv: 0, payload: payload.subarray(0, 2) });
  }

  #onServerDone() {
    if (this.#answersClose) this.#socket.end();
    this.#onEnd();
  }

  #onEnd() {
    this.#ended = true;
    this.#waiters.changed();
  }
}
