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

const HEAD_BYTES_MIN = 2;
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
  /** What is no frame yet; put together only when it is enough for one, which may come in very many pieces. */
  private pieces: Buffer[] = [];
  private bytesHeld = 0;
  private bytesWanted = HEAD_BYTES_MIN;

  constructor(private readonly payloadBytesMax: number) {}

  /** Gives also what stands before an error. Throws FrameError; nothing may be fed after that. */
  *feed(bytes: Buffer): Generator<Frame, void, void> {
    this.pieces.push(bytes);
    this.bytesHeld += bytes.length;
    while (this.bytesHeld >= this.bytesWanted) {
      const frame = this.next();
      if (frame !== undefined) yield frame;
    }
  }

  /** The frame that the bytes held begin with; undefined when more are wanted for it, which is noted. */
  private next(): Frame | undefined {
    const held = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces);
    this.pieces = [held];
    const [first, second] = held as unknown as [number, number];
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
    if (this.isShortOf(start)) return undefined;
    const length = short < 126 ? short : short === 126 ? held.readUInt16BE(2) : Number(held.readBigUInt64BE(2));
    if (length > this.payloadBytesMax) throw new FrameError(1009, `more than ${this.payloadBytesMax} bytes`);
    const end = start + length;
    if (this.isShortOf(end)) return undefined;
    this.pieces = end < held.length ? [held.subarray(end)] : [];
    this.bytesHeld -= end;
    this.bytesWanted = HEAD_BYTES_MIN;
    return { fin, opcode, payload: held.subarray(start, end) };
  }

  private isShortOf(bytes: number): boolean {
    this.bytesWanted = bytes;
    return this.bytesHeld < bytes;
  }
}
