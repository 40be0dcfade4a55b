// The public client, skapi-js, as far as the wire shows it: its sockets, its calls, its tokens.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { FrameReader, Opcode, close, encode, fragments, pong } from '../../conformance/wire/frames.mjs';
import { acceptFor } from '../../conformance/wire/handshake.mjs';
import { Waiters } from './deadline.mjs';
import { run } from './program.mjs';

// Chromium's.
const fragmentBytes = 131_000;

export const madeUp = { service: 'us31pipitdev01', owner: '00000000-0000-4000-8000-000000000001' };

// What `pipit token --skapi` prints for a server. `flags`: more of the command line.
export async function skapiTokens(server, user, ...flags) {
  const { code, out, err } = await run(['token', '--skapi', '--user', user, '--data', server.data, ...flags]);
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

// A call of the client, by POST: { status, headers, body, answer }. `service`: what it was made with.
export async function skapiCall(server, name, idToken, members = {}, { service = madeUp, headers = {} } = {}) {
  const response = await server.fetch(`/skapi/${name}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(idToken && { Authorization: idToken }), ...headers },
    body: typeof members === 'string' ? members : JSON.stringify({ ...service, ...members }),
  });
  let answer;
  try {
    answer = JSON.parse(response.body);
  } catch {
    answer = response.body;
  }
  return { ...response, answer };
}

const upgrade = (server, token, key, headers) => [
  'GET',
  `/skapi/realtime?token=${token}`,
  {
    Host: `127.0.0.1:${server.port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
    ...headers,
  },
];

// The answer to a connection that is to be refused.
export async function skapiRefusal(server, token, headers = {}) {
  const peer = await server.http();
  peer.request(...upgrade(server, token, randomBytes(16).toString('base64'), headers));
  return peer.response();
}

export class SkapiClient {
  #socket;
  #reader = new FrameReader();
  #waiters = new Waiters();
  #frames = [];
  #closing = null;
  #ended = false;
  #answersPings;
  pings = 0;

  static async open(server, token, { headers = {}, answersPings = true } = {}) {
    const key = randomBytes(16).toString('base64');
    const peer = await server.http();
    peer.request(...upgrade(server, token, key, headers));
    const { status, headers: answered, body } = await peer.response();
    assert.equal(status, 101, body);
    assert.equal(answered['sec-websocket-accept'], acceptFor(key));
    assert.equal(answered['sec-websocket-protocol'], undefined);
    assert.equal(answered['sec-websocket-extensions'], undefined);
    return new SkapiClient(peer.handOver(), answersPings);
  }

  // One that is in a group, as its own listing shows.
  static async member(server, tokens, group, { service = madeUp, ...options } = {}) {
    const client = await SkapiClient.open(server, tokens.accessToken, options);
    client.send({ action: 'joinRoom', rid: group, token: tokens.accessToken });
    client.cid = await client.echo(group);
    return client;
  }

  constructor({ socket, early }, answersPings) {
    this.#socket = socket;
    this.#answersPings = answersPings;
    socket.on('data', (bytes) => this.#onData(bytes));
    for (const event of ['error', 'close', 'end']) socket.on(event, () => this.#onEnd());
    if (early.length > 0) this.#onData(early);
  }

  send(message) {
    this.sendText(JSON.stringify(message));
  }

  sendText(text) {
    this.sendFrames(...fragments(Opcode.text, Buffer.from(text), fragmentBytes));
  }

  sendFrames(...frames) {
    this.#socket.write(Buffer.concat(frames.map(encode)));
  }

  broadcast(group, content, more = {}) {
    this.send({ action: 'broadcast', rid: group, content, notification: '', notificationConfig: {}, ...more });
  }

  post(user, content, more = {}) {
    this.send({ action: 'sendMessage', uid: user, content, notification: '', notificationConfig: {}, ...more });
  }

  rtc(cid, content) {
    this.send({ action: 'rtc', uid: `cid:${cid}`, content, token: '' });
  }

  // Posts to its group and takes everything up to what comes back of that; resolves with its own cid.
  async echo(group) {
    const mark = randomBytes(8).toString('hex');
    this.broadcast(group, mark);
    for (;;) {
      const frame = await this.frame();
      if (frame['#message'] === mark) return frame['#scid'];
      assert.ok(!('#error' in frame), JSON.stringify(frame));
    }
  }

  // The next frame as the client decodes it.
  frame() {
    return this.#waiters.until(() => {
      const data = this.#frames.shift();
      if (data !== undefined) return JSON.parse(decodeURI(data));
      if (this.#ended) throw new Error('the connection has ended');
      return undefined;
    }, 'a frame');
  }

  // Nothing came but what was taken: shown by a message to itself that comes next.
  async quiet(user) {
    const mark = randomBytes(8).toString('hex');
    this.post(user, mark);
    assert.deepEqual((await this.frame())['#private'], mark);
  }

  pinged(count) {
    return this.#waiters.until(() => this.pings >= count || undefined, 'a ping');
  }

  // Resolves with { code, reason } of the server's close frame.
  closed() {
    return this.#waiters.until(() => {
      if (this.#closing === null && this.#ended) throw new Error('the connection ended without a close frame');
      return this.#closing ?? undefined;
    }, 'a close frame');
  }

  close() {
    this.sendFrames({ opcode: Opcode.close, fin: true, rsv: 0, payload: Buffer.alloc(0) });
    return this.closed();
  }

  destroy() {
    this.#socket.destroy();
  }

  #onData(bytes) {
    for (const { opcode, fin, rsv, payload } of this.#reader.push(bytes)) {
      assert.ok(fin && rsv === 0);
      if (opcode === Opcode.text) {
        assert.equal(this.#closing, null, 'a frame behind the close frame');
        this.#frames.push(payload.toString());
      } else if (opcode === Opcode.ping) {
        this.pings += 1;
        if (this.#answersPings) this.sendFrames(pong(payload));
      } else if (opcode === Opcode.close) {
        this.#closing = { code: payload.length < 2 ? 1005 : payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
        this.sendFrames(this.#closing.code === 1005 ? { opcode, fin, rsv, payload } : close(this.#closing.code));
        this.#socket.end();
      }
    }
    this.#waiters.changed();
  }

  #onEnd() {
    this.#ended = true;
    this.#waiters.changed();
  }
}
