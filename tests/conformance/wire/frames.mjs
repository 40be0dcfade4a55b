// RFC 6455 section 5.2: frames as they stand on the wire, written masked (client) and read unmasked (server).

export const Opcode = Object.freeze({ continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 });

const opcodeNames = new Map(Object.entries(Opcode).map(([name, opcode]) => [opcode, name]));
export const opcodeName = (opcode) => opcodeNames.get(opcode) ?? `opcode ${opcode}`;
export const isControl = (opcode) => opcode >= 8;

// A frame to be sent: any opcode, any reserved bits (`rsv` 0..7, RSV1 is 4), any payload. Nothing is checked,
// because breaking the rules is what most cases are for.
export const frame = (opcode, payload = '', { fin = true, rsv = 0 } = {}) =>
  ({ opcode, fin, rsv, payload: Buffer.from(payload) });

export const text = (payload, bits) => frame(Opcode.text, payload, bits);
export const binary = (payload, bits) => frame(Opcode.binary, payload, bits);
export const continuation = (payload, bits) => frame(Opcode.continuation, payload, bits);
export const ping = (payload, bits) => frame(Opcode.ping, payload, bits);
export const pong = (payload, bits) => frame(Opcode.pong, payload, bits);

export function close(code, reason = '', bits) {
  const status = Buffer.alloc(2);
  status.writeUInt16BE(code);
  return frame(Opcode.close, Buffer.concat([status, Buffer.from(reason)]), bits);
}

// One message as frames of at most `fragmentBytes` payload each; the opcode and `rsv` stand on the first alone.
export function fragments(opcode, payload, fragmentBytes, rsv = 0) {
  const frames = [];
  for (let at = 0; at === 0 || at < payload.length; at += fragmentBytes) {
    frames.push({
      opcode: at === 0 ? opcode : Opcode.continuation,
      fin: at + fragmentBytes >= payload.length,
      rsv: at === 0 ? rsv : 0,
      payload: payload.subarray(at, at + fragmentBytes),
    });
  }
  return frames;
}

// Masking keys need only differ, not surprise: a seeded sequence (xorshift32) makes every run send the same octets.
let maskState = 0x9e3779b9;
function nextMask() {
  maskState ^= maskState << 13;
  maskState ^= maskState >>> 17;
  maskState ^= maskState << 5;
  return maskState >>> 0;
}

export function encode({ opcode, fin, rsv, payload }) {
  const size = payload.length;
  const lengthBytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  const maskAt = 2 + lengthBytes;
  const out = Buffer.allocUnsafe(maskAt + 4 + size);
  out[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  out[1] = 0x80 | (lengthBytes === 0 ? size : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) out.writeUInt16BE(size, 2);
  if (lengthBytes === 8) out.writeBigUInt64BE(BigInt(size), 2);
  out.writeUInt32BE(nextMask(), maskAt);
  const payloadAt = maskAt + 4;
  for (let i = 0; i < size; ++i) out[payloadAt + i] = payload[i] ^ out[maskAt + (i & 3)];
  return out;
}

// Cuts a byte stream into frames. Throws an Error that names the broken rule when a frame's own form is wrong:
// a mask from a server (5.1), a length not in its shortest form (5.2), a long or fragmented control frame (5.5).
export class FrameReader {
  #head = Buffer.alloc(0);
  #frame = null;
  #parts = [];
  #missingBytes = 0;

  * push(chunk) {
    let rest = chunk;
    while (rest.length > 0) {
      if (!this.#frame) {
        rest = this.#head.length > 0 ? Buffer.concat([this.#head, rest]) : rest;
        const headBytes = rest.length < 2 ? Infinity : 2 + extendedLengthBytes(rest[1] & 0x7f);
        if (rest.length < headBytes) {
          this.#head = rest;
          return;
        }
        this.#head = Buffer.alloc(0);
        this.#frame = parseHead(rest);
        this.#missingBytes = this.#frame.payloadBytes;
        rest = rest.subarray(headBytes);
      }
      const part = rest.subarray(0, this.#missingBytes);
      this.#parts.push(part);
      this.#missingBytes -= part.length;
      rest = rest.subarray(part.length);
      if (this.#missingBytes > 0) return;
      const { opcode, fin, rsv } = this.#frame;
      const payload = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
      this.#frame = null;
      this.#parts = [];
      yield { opcode, fin, rsv, payload };
    }
  }
}

const extendedLengthBytes = (length7) => (length7 === 126 ? 2 : length7 === 127 ? 8 : 0);

function parseHead(head) {
  const opcode = head[0] & 0x0f;
  const fin = (head[0] & 0x80) !== 0;
  const rsv = (head[0] >> 4) & 7;
  const length7 = head[1] & 0x7f;
  if (head[1] & 0x80) throw new Error('a masked frame from a server');
  if (isControl(opcode) && length7 > 125) throw new Error('a control frame of more than 125 octets');
  if (isControl(opcode) && !fin) throw new Error('a fragmented control frame');
  let payloadBytes = length7;
  if (length7 === 126) payloadBytes = head.readUInt16BE(2);
  if (length7 === 127) payloadBytes = Number(head.readBigUInt64BE(2));
  if ((length7 === 126 && payloadBytes < 126) || (length7 === 127 && payloadBytes < 65536)) {
    throw new Error(`a payload length of ${payloadBytes} not in its shortest form`);
  }
  return { opcode, fin, rsv, payloadBytes };
}
