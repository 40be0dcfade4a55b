// One TCP connection to the server under test: opens it, writes frames, and turns what comes back into events.
import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Deflate, agree } from './deflate.mjs';
import { FrameReader, Opcode, encode, fragments, isControl, opcodeName } from './frames.mjs';
import { checkUpgradeResponse, upgradeRequest } from './handshake.mjs';

const rsv1 = 4;
const headBytesMax = 16 * 1024;

// Events, in the order they came:
//   { kind: 'message', opcode, payload }      a whole text or binary message, reassembled and inflated
//   { kind: 'control', opcode, payload }      a ping, pong or close frame
//   { kind: 'violation', what }               the server broke the protocol; the connection is dropped
//   { kind: 'end' }                           the server closed or reset the TCP connection
//   { kind: 'silence', deadlineMs }           nothing came in time (made by `next`, never queued)
export class Connection {
  #socket;
  #deadlineMs;
  #events = [];
  #wake = null;
  #reader = new FrameReader();
  #head = Buffer.alloc(0);
  #onHead = null;
  #message = null;
  #deflate = null;
  #closeReceived = false;
  #closeSent = false;
  #ended = false;

  // Resolves once the upgrade is agreed on; rejects with an Error that names what went wrong.
  // `url` is ws://host:port[/path]; `offers` are elements of Sec-WebSocket-Extensions.
  static async open(url, { offers = [], deadlineMs }) {
    const { protocol, hostname, port, host, pathname } = new URL(url);
    if (protocol !== 'ws:') throw new Error(`only ws:// can be tested, not ${url}`);
    const connection = new Connection(connect({ host: hostname, port: Number(port || 80) }), deadlineMs);
    const key = randomBytes(16).toString('base64');
    try {
      const head = await connection.#exchangeHeads(upgradeRequest({ host, path: pathname, key, offers }));
      connection.agreed = agree(checkUpgradeResponse(head, key), offers);
    } catch (error) {
      connection.destroy();
      throw error;
    }
    if (connection.agreed) connection.#deflate = new Deflate(connection.agreed);
    return connection;
  }

  constructor(socket, deadlineMs) {
    this.#socket = socket;
    this.#deadlineMs = deadlineMs;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('error', (error) => this.#onEnd(error));
    socket.on('end', () => this.#onEnd());
    socket.on('close', () => this.#onEnd());
  }

  get closeSent() {
    return this.#closeSent;
  }

  send(frames) {
    this.#noteClose(frames);
    if (!this.#ended) this.#socket.write(Buffer.concat(frames.map(encode)));
  }

  // The same octets in writes of at most `chopBytes`, each given a turn of the loop to leave alone.
  // Stops early once the server has closed: it need not read on.
  async sendChopped(chopBytes, frames) {
    await this.sendRaw(Buffer.concat(frames.map(encode)), chopBytes);
    this.#noteClose(frames);
  }

  async sendRaw(octets, chopBytes) {
    for (let at = 0; at < octets.length && !this.#closeReceived && !this.#ended; at += chopBytes) {
      await new Promise((written) => this.#socket.write(octets.subarray(at, at + chopBytes), written));
      await nextTurn();
    }
  }

  // A message the way the agreement has it: compressed where permessage-deflate is on, cut where `fragmentBytes` says.
  sendMessage(opcode, payload, fragmentBytes = Infinity) {
    const compressed = this.#deflate?.canCompress;
    const body = compressed ? this.#deflate.compress(payload) : payload;
    const rsv = compressed ? rsv1 : 0;
    this.send(fragments(opcode, body, fragmentBytes, rsv));
  }

  async next(deadlineMs = this.#deadlineMs) {
    if (this.#events.length === 0) {
      let timer;
      await new Promise((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, deadlineMs);
      });
      clearTimeout(timer);
      this.#wake = null;
    }
    return this.#events.shift() ?? { kind: 'silence', deadlineMs };
  }

  destroy() {
    this.#ended = true;
    this.#socket.destroy();
  }

  #exchangeHeads(request) {
    this.#socket.write(request);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#onHead.reject(new Error('no answer to the upgrade')), this.#deadlineMs);
      const settle = (by) => (value) => {
        clearTimeout(timer);
        this.#onHead = null;
        by(value);
      };
      this.#onHead = { resolve: settle(resolve), reject: settle(reject) };
    });
  }

  #noteClose(frames) {
    if (frames.some(({ opcode }) => opcode === Opcode.close)) this.#closeSent = true;
  }

  #queue(event) {
    this.#events.push(event);
    this.#wake?.();
  }

  #onEnd(error) {
    this.#onHead?.reject(error ?? new Error('a connection closed during the upgrade'));
    if (this.#ended) return;
    this.#ended = true;
    this.#queue({ kind: 'end' });
  }

  #onData(chunk) {
    if (this.#ended) return;
    if (!this.#onHead) return this.#onFrameOctets(chunk);
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0 && this.#head.length > headBytesMax) return this.#onHead.reject(new Error('an endless upgrade answer'));
    if (end < 0) return;
    // An echo server has nothing to say before it is spoken to.
    if (this.#head.length > end + 4) return this.#onHead.reject(new Error('octets right after the upgrade answer'));
    this.#onHead.resolve(this.#head.toString('latin1', 0, end));
  }

  #onFrameOctets(chunk) {
    try {
      for (const received of this.#reader.push(chunk)) this.#onFrame(received);
    } catch (error) {
      this.destroy();
      this.#queue({ kind: 'violation', what: error.message });
    }
  }

  #onFrame({ opcode, fin, rsv, payload }) {
    if (this.#closeReceived) throw new Error(`a ${opcodeName(opcode)} frame after the Close frame`);
    if (!Object.values(Opcode).includes(opcode)) throw new Error(`a frame of the reserved opcode ${opcode}`);
    const mayBeCompressed = this.#deflate && (opcode === Opcode.text || opcode === Opcode.binary);
    if (rsv !== 0 && !(mayBeCompressed && rsv === rsv1)) {
      throw new Error(`reserved bits ${rsv} on a ${opcodeName(opcode)} frame`);
    }
    if (isControl(opcode)) return this.#onControl(opcode, payload);
    if ((opcode === Opcode.continuation) !== (this.#message !== null)) {
      throw new Error(`a ${opcodeName(opcode)} frame ${this.#message ? 'inside' : 'without'} a fragmented message`);
    }
    this.#message ??= { opcode, compressed: rsv === rsv1, parts: [] };
    this.#message.parts.push(payload);
    if (fin) this.#onMessage();
  }

  #onControl(opcode, payload) {
    if (opcode === Opcode.close) {
      if (payload.length === 1) throw new Error('a Close frame of one octet');
      if (!isUtf8(payload.subarray(2))) throw new Error('a Close reason that is not UTF-8');
      this.#closeReceived = true;
    }
    this.#queue({ kind: 'control', opcode, payload });
  }

  #onMessage() {
    const { opcode, compressed, parts } = this.#message;
    this.#message = null;
    const body = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const payload = compressed ? this.#deflate.decompress(body) : body;
    if (opcode === Opcode.text && !isUtf8(payload)) throw new Error('a text message that is not UTF-8');
    this.#queue({ kind: 'message', opcode, payload });
  }
}
