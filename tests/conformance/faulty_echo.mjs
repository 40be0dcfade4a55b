// An echo server that follows RFC 6455 and RFC 7692, with a switch for every mistake the suite has to notice.
// Written for the self-test: it trusts the client's handshake and lengths and has no limits.
import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { acceptFor } from './wire/handshake.mjs';
import { Opcode, isControl } from './wire/frames.mjs';

const emptyBlock = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const rsv1 = 4;
const definedCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011];
const deflateAnswer = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

class Failure extends Error {
  constructor(code) {
    super(`close ${code}`);
    this.code = code;
  }
}

// `faults` is a set of the names used below; `deflate` accepts permessage-deflate, with a window of nine bits where
// the client asks for one. Returns { url, stop }.
export async function startFaultyEcho({ faults = new Set(), deflate = false } = {}) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const session = new EchoSession(socket, (fault) => faults.has(fault), deflate);
    socket.on('data', (chunk) => session.onData(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${server.address().port}`,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

class EchoSession {
  #socket;
  #has;
  #deflate;
  #agreed = false;
  #windowBits = 15;
  #sent = Buffer.alloc(0);
  #buffer = Buffer.alloc(0);
  #upgraded = false;
  #message = null;
  #done = false;

  constructor(socket, has, deflate) {
    this.#socket = socket;
    this.#has = has;
    this.#deflate = deflate;
  }

  onData(chunk) {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    try {
      if (!this.#upgraded) this.#upgrade();
      while (this.#upgraded && !this.#done && this.#takeFrame());
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#endWith(this.#has('wrong close code') ? 1011 : error.code);
    }
  }

  #upgrade() {
    const end = this.#buffer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const request = this.#buffer.toString('latin1', 0, end);
    this.#buffer = this.#buffer.subarray(end + 4);
    const key = /sec-websocket-key: (\S+)/i.exec(request)[1];
    const offer = /sec-websocket-extensions: (.*)/i.exec(request)?.[1].split(',')[0] ?? '';
    const answer = [
      'HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${acceptFor(this.#has('wrong accept') ? `${key}x` : key)}`,
    ];
    this.#agreed = this.#deflate && offer !== '';
    const windowOf9 = offer.includes('server_max_window_bits=9');
    if (windowOf9 && !this.#has('window ignored')) this.#windowBits = 9;
    if (this.#agreed) {
      const answersWindow = windowOf9 && !this.#has('window unanswered');
      answer.push(`Sec-WebSocket-Extensions: ${deflateAnswer}${answersWindow ? '; server_max_window_bits=9' : ''}`);
    }
    if (this.#has('extension nobody offered')) answer.push('Sec-WebSocket-Extensions: x-surprise');
    this.#socket.write(`${answer.join('\r\n')}\r\n\r\n`);
    this.#upgraded = true;
  }

  #takeFrame() {
    const buffer = this.#buffer;
    if (buffer.length < 2) return false;
    const head = {
      fin: buffer[0] >> 7 === 1, rsv: (buffer[0] >> 4) & 7, opcode: buffer[0] & 15, size: buffer[1] & 127,
    };
    const maskAt = head.size === 127 ? 10 : head.size === 126 ? 4 : 2;
    if (buffer.length < maskAt + 4) return false;
    this.#checkHead(head);
    if (head.size === 126) head.size = buffer.readUInt16BE(2);
    else if (head.size === 127) head.size = Number(buffer.readBigUInt64BE(2));
    const mask = buffer.subarray(maskAt, maskAt + 4);
    const masked = buffer.subarray(maskAt + 4, maskAt + 4 + head.size);
    const payload = Buffer.from(masked).map((octet, i) => octet ^ mask[i & 3]);
    if (payload.length < head.size) {
      this.#checkUnfinished(head, payload);
      return false;
    }
    this.#buffer = buffer.subarray(maskAt + 4 + head.size);
    this.#onFrame(head, payload);
    return true;
  }

  #checkHead({ fin, rsv, opcode, size }) {
    const allowedRsv = this.#agreed && (opcode === Opcode.text || opcode === Opcode.binary) ? rsv1 : 0;
    if ((rsv & ~allowedRsv) !== 0 && !this.#has('reserved bits ignored')) throw new Failure(1002);
    if (!Object.values(Opcode).includes(opcode) && !this.#has('reserved opcodes ignored')) throw new Failure(1002);
    if (isControl(opcode) && !fin && !this.#has('fragmented control frames accepted')) throw new Failure(1002);
    if (isControl(opcode) && size > 125 && !this.#has('long control frames accepted')) throw new Failure(1002);
    const isStray = opcode === Opcode.continuation && !this.#message;
    if (isStray && !this.#has('stray continuations ignored')) throw new Failure(1002);
    if ((opcode === Opcode.text || opcode === Opcode.binary) && this.#message) throw new Failure(1002);
  }

  #onFrame({ fin, rsv, opcode }, payload) {
    if (opcode === Opcode.ping) return this.#onPing(payload);
    if (opcode === Opcode.close) return this.#onClose(payload);
    if (opcode === Opcode.text || opcode === Opcode.binary) {
      this.#message = { opcode, compressed: rsv === rsv1, parts: [] };
    }
    if (opcode > Opcode.binary || !this.#message) return;
    this.#message.parts.push(payload);
    this.#checkText(Buffer.concat(this.#message.parts), fin);
    if (fin) this.#echo();
  }

  #checkUnfinished({ opcode }, payload) {
    if (opcode === Opcode.text && !this.#agreed) {
      this.#message = { opcode, parts: [] };
      this.#checkText(payload, false);
      this.#message = null;
    }
  }

  #checkText(octets, isWhole) {
    if (this.#message.opcode !== Opcode.text || this.#message.compressed || this.#has('invalid UTF-8 accepted')) return;
    if (!isWhole && this.#has('UTF-8 checked at the end')) return;
    if (isUtf8(octets)) return;
    if (isWhole || !couldBecomeUtf8(octets)) throw new Failure(1007);
  }

  #onPing(payload) {
    if (this.#has('pings unanswered')) return;
    this.#write(Opcode.pong, this.#has('empty pongs') ? Buffer.alloc(0) : payload);
  }

  #onClose(payload) {
    const code = payload.length >= 2 ? payload.readUInt16BE() : 1000;
    const isValid = definedCodes.includes(code) || (code >= 3000 && code < 5000);
    if (payload.length === 1 || (!isValid && !this.#has('any close code accepted'))) throw new Failure(1002);
    if (!isUtf8(payload.subarray(2)) && !this.#has('any close reason accepted')) throw new Failure(1007);
    if (this.#has('close handshake skipped')) {
      this.#done = true;
      this.#socket.end();
      return;
    }
    this.#endWith(code);
  }

  #endWith(code) {
    const status = Buffer.alloc(2);
    status.writeUInt16BE(code);
    if (!this.#has('failures without Close') || code === 1000) this.#write(Opcode.close, status);
    if (this.#has('talks after Close')) this.#write(Opcode.text, Buffer.from('one more thing'));
    this.#done = true;
    if (!this.#has('TCP left open')) this.#socket.end();
  }

  #echo() {
    const { opcode, compressed, parts } = this.#message;
    this.#message = null;
    const body = Buffer.concat(parts);
    const payload = compressed
      ? Buffer.from(inflateRawSync(Buffer.concat([body, emptyBlock]), { finishFlush: constants.Z_SYNC_FLUSH }))
      : body;
    if (this.#has('last octet changed') && payload.length > 0) payload[payload.length - 1] ^= 1;
    if (this.#has('echoes cut at 65535')) return this.#write(opcode, payload.subarray(0, 65535));
    if (this.#has('text echoed as binary')) return this.#write(Opcode.binary, payload);
    if (this.#has('echoes twice')) this.#write(opcode, payload);
    if (!this.#agreed) return this.#write(opcode, payload, this.#has('RSV1 unasked') ? rsv1 : 0);
    const keepsContext = this.#has('context kept in spite of the agreement') && this.#sent.length > 0;
    const out = deflateRawSync(payload, {
      windowBits: this.#windowBits,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(keepsContext ? { dictionary: this.#sent } : {}),
    });
    this.#sent = payload;
    this.#write(opcode, out.subarray(0, -emptyBlock.length), rsv1);
  }

  #write(opcode, payload, rsv = 0) {
    const isLong = payload.length > 65535;
    const isShort = payload.length < 126 && !this.#has('long length forms');
    const head = Buffer.alloc(isLong ? 10 : isShort ? 2 : 4);
    head[0] = 0x80 | (rsv << 4) | opcode;
    head[1] = isLong ? 127 : isShort ? payload.length : 126;
    if (isLong) head.writeBigUInt64BE(BigInt(payload.length), 2);
    else if (!isShort) head.writeUInt16BE(payload.length, 2);
    if (!this.#has('masked frames')) return this.#socket.write(Buffer.concat([head, payload]));
    head[1] |= 0x80;
    return this.#socket.write(Buffer.concat([head, Buffer.alloc(4), payload]));
  }
}

// Whether some further octets could make this valid: tries the extreme ways to finish a cut last character.
function couldBecomeUtf8(octets) {
  const completions = ['80', '9f', 'bf', '8080', '9fbf', 'bfbf', '908080', '8fbfbf'];
  return completions.some((tail) => isUtf8(Buffer.concat([octets, Buffer.from(tail, 'hex')])));
}
