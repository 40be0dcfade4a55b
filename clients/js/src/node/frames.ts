// RFC 6455 section 5: frames as a client writes and reads them. No extensions.
//
//  0               1               2 ...
//  +-+-+-+-+-------+-+-------------+----------------------+--------------+---------
//  |F|R|R|R| opcode|M| length (7)  | 16 or 64 more, if    | masking key, | payload
//  |I|S|S|S|  (4)  |A|             | length is 126 or 127 | if MASK      |
//  |N|V|V|V|       |S|             |                      |              |
//  +-+-+-+-+-------+-+-------------+----------------------+--------------+---------

export const Opcode = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

export interface Frame {
  fin: boolean;
  opcode: number;
  payload: Buffer;
}

/** Why a connection must be failed, with the close code that says so (section 7.4.1). */
export class FrameError extends Error {
  constructor(
    readonly closeCode: number,
    message: string,
  ) {
    super(message);
  }
}

const CONTROL_BYTES_MAX = 125;

/** One unfragmented frame, masked with `mask` (4 random bytes) as section 5.3 asks of clients. */
export function encodeFrame(opcode: number, payload: Buffer, mask: Buffer): Buffer {
  const { length } = payload;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.allocUnsafe(2 + lengthBytes + 4 + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2);
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  const start = 2 + lengthBytes + 4;
  mask.copy(frame, start - 4);
  for (let i = 0; i < length; i += 1) frame[start + i] = payload[i]! ^ mask[i & 3]!;
  return frame;
}

/** Takes a server's bytes, cut anywhere, and gives its frames. A payload has at most `payloadBytesMax` bytes. */
export class FrameReader {
  private buffered: Buffer = Buffer.alloc(0);

  constructor(private readonly payloadBytesMax: number) {}

  /** Throws FrameError; nothing may be fed after that. */
  feed(bytes: Buffer): Frame[] {
    this.buffered = this.buffered.length === 0 ? bytes : Buffer.concat([this.buffered, bytes]);
    const frames: Frame[] = [];
    for (let frame = this.next(); frame !== undefined; frame = this.next()) frames.push(frame);
    return frames;
  }

  private next(): Frame | undefined {
    const { buffered } = this;
    if (buffered.length < 2) return undefined;
    const [first, second] = buffered as unknown as [number, number];
    const opcode = first & 0x0f;
    const fin = (first & 0x80) !== 0;
    if ((first & 0x70) !== 0) throw new FrameError(1002, 'a reserved bit is set');
    if ((second & 0x80) !== 0) throw new FrameError(1002, 'a server must not mask');
    if (!Object.values<number>(Opcode).includes(opcode)) throw new FrameError(1002, `unknown opcode ${opcode}`);
    const short = second & 0x7f;
    if (opcode >= Opcode.close && (!fin || short > CONTROL_BYTES_MAX)) {
      throw new FrameError(1002, 'a control frame must be whole and have at most 125 bytes');
    }
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (buffered.length < start) return undefined;
    const length =
      short < 126 ? short : short === 126 ? buffered.readUInt16BE(2) : Number(buffered.readBigUInt64BE(2));
    if (length > this.payloadBytesMax) throw new FrameError(1009, `more than ${this.payloadBytesMax} bytes`);
    if (buffered.length < start + length) return undefined;
    this.buffered = buffered.subarray(start + length);
    return { fin, opcode, payload: buffered.subarray(start, start + length) };
  }
}
