import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../testing/random.js';
import { FrameError, FrameReader, Opcode, encodeFrame } from './frames.js';
import type { Frame } from './frames.js';

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const read = (hex: string, bytesMax = 100_000) => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return [...new FrameReader(bytesMax).feed(bytes)];
};

for (const [name, hex, code] of [
  ['a reserved bit', 'c1 00', 1002],
  ['a masked frame', '81 85 37fa213d 7f9f4d5158', 1002],
  ['an unknown opcode', '83 00', 1002],
  ['an unknown control opcode', '8b 00', 1002],
  ['a control frame in pieces', '09 00', 1002],
  ['a control frame of 126 bytes', '89 7e 007e', 1002],
  ['a payload that is too long', '81 7e 0065', 1009],
  ['a payload that is far too long', '81 7f ffffffffffffffff', 1009],
] as const) {
  test(`refuses ${name}`, () => {
    assert.throws(() => read(hex, 100), (error) => error instanceof FrameError && error.closeCode === code);
  });
}

test('reads the examples of RFC 6455 section 5.7', () => {
  assert.deepEqual(read('81 05 48656c6c6f'), [{ fin: true, opcode: Opcode.text, payload: Buffer.from('Hello') }]);
  assert.deepEqual(read('01 03 48656c 80 02 6c6f'), [
    { fin: false, opcode: Opcode.text, payload: Buffer.from('Hel') },
    { fin: true, opcode: Opcode.continuation, payload: Buffer.from('lo') },
  ]);
  assert.deepEqual(read('89 05 48656c6c6f'), [{ fin: true, opcode: Opcode.ping, payload: Buffer.from('Hello') }]);
});

test('writes the masked example of RFC 6455 section 5.7', () => {
  assert.equal(encodeFrame(Opcode.text, Buffer.from('Hello'), MASK).toString('hex'), '818537fa213d7f9f4d5158');
});

/** What the client wrote, as a server would have written it. */
function unmasked(frame: Buffer): Buffer {
  const lengthBytes = { 126: 2, 127: 8 }[frame[1]! & 0x7f] ?? 0;
  const start = 2 + lengthBytes;
  const head = Buffer.from(frame.subarray(0, start));
  head[1]! &= 0x7f;
  return Buffer.concat([head, frame.subarray(start + 4).map((byte, i) => byte ^ MASK[i & 3]!)]);
}

for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
  test(`what is written with ${length} bytes is read the same`, () => {
    const payload = Buffer.alloc(length, 'abc');
    const [frame] = read(unmasked(encodeFrame(Opcode.text, payload, MASK)).toString('hex'));
    assert.deepEqual(frame, { fin: true, opcode: Opcode.text, payload });
  });
}

test('where the bytes are cut does not matter', () => {
  const bytes = Buffer.from(`01024865 8900 8003${'6c6c6f'} 817e0100${'61'.repeat(256)} 8801`.replaceAll(' ', ''), 'hex');
  const whole = [...new FrameReader(1_000).feed(bytes)];
  assert.equal(whole.length, 4);
  for (let step = 1; step < bytes.length; step += 1) {
    const reader = new FrameReader(1_000);
    const frames = [];
    for (let i = 0; i < bytes.length; i += step) frames.push(...reader.feed(bytes.subarray(i, i + step)));
    assert.deepEqual(frames, whole);
  }
});

test('the time for a long message grows with its length, however small its pieces', () => {
  const payload = Buffer.alloc(2 ** 20, 'abc');
  const bytes = unmasked(encodeFrame(Opcode.text, payload, MASK));
  const reader = new FrameReader(payload.length);
  const concat = Buffer.concat;
  let copiedBytes = 0;
  Buffer.concat = (...parameters) => {
    const joined = concat(...parameters);
    copiedBytes += joined.length;
    return joined;
  };
  try {
    const frames: Frame[] = [];
    for (let i = 0; i < bytes.length; i += 100) frames.push(...reader.feed(bytes.subarray(i, i + 100)));
    assert.deepEqual(frames, [{ fin: true, opcode: Opcode.text, payload }]);
  } finally {
    Buffer.concat = concat;
  }
  assert.ok(copiedBytes <= 2 * bytes.length, `${copiedBytes} bytes were copied`);
});

/** What a reader makes of the pieces: its frames, and the close code of what it refused. */
function outcome(pieces: Buffer[]): { frames: Frame[]; refused: number | undefined } {
  const reader = new FrameReader(300);
  const frames: Frame[] = [];
  try {
    for (const piece of pieces) for (const frame of reader.feed(piece)) frames.push(frame);
    return { frames, refused: undefined };
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return { frames, refused: error.closeCode };
  }
}

/** Some frames of a server, most of them lawful, with some bytes spoilt in every other stream. */
function randomStream(random: Random): Buffer {
  const frames = Array.from({ length: random.below(6) }, () => {
    const payload = random.bytes(random.pick([0, 1, 125, 126, 200, 300, 301]));
    const frame = unmasked(encodeFrame(random.pick([0, 1, 2, 8, 9, 10]), payload, MASK));
    if (random.below(4) === 0) frame[0]! &= 0x7f;
    return frame;
  });
  const stream = Buffer.concat([...frames, random.bytes(random.pick([0, 0, 1, 20]))]);
  const spoilt = stream.length > 0 && random.below(2) === 0 ? 3 : 0;
  for (let i = 0; i < spoilt; i += 1) stream[random.below(stream.length)] = random.below(256);
  return stream;
}

test('5,000 random streams: wherever they are cut the frames and the refusal are the same', () => {
  const seen = new Set<unknown>();
  for (let seed = 1; seed <= 5_000; seed += 1) {
    const random = new Random(seed);
    const stream = randomStream(random);
    const whole = outcome([stream]);
    assert.deepEqual(outcome(random.cut(stream)), whole, `seed ${seed}`);
    seen.add(whole.refused).add(whole.frames.length);
  }
  for (const kind of [undefined, 1002, 1009, 0, 5]) assert.ok(seen.has(kind), `never seen: ${kind}`);
});
