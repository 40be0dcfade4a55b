// What a case can come to, and how a difference is put into words.
import { Opcode, opcodeName } from './wire/frames.mjs';

export const Verdict = Object.freeze({
  pass: 'pass',
  nonStrict: 'non-strict',       // the RFC is kept, but not its SHOULD; counts as passed and is listed
  informational: 'informational', // the RFC leaves the outcome open; counts as passed and is listed
  unimplemented: 'unimplemented', // an optional extension was declined; counts as skipped
  fail: 'fail',
});

export const isPassed = (verdict) =>
  verdict === Verdict.pass || verdict === Verdict.nonStrict || verdict === Verdict.informational;

// The server did something else than the case allows. Both sides are sentences for a reader.
export class Mismatch extends Error {
  constructor(expected, got) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

const shownBytesMax = 40;

export const closeCode = (payload) => (payload.length >= 2 ? payload.readUInt16BE() : null);

function describePayload(payload) {
  if (payload.length === 0) return 'empty';
  const shown = payload.subarray(0, shownBytesMax);
  const isPlainAscii = shown.every((octet) => octet >= 0x20 && octet < 0x7f);
  const cut = payload.length > shownBytesMax ? '…' : '';
  const content = isPlainAscii ? `"${shown.toString('latin1')}${cut}"` : `${shown.toString('hex')}${cut}`;
  return `${payload.length} octets ${content}`;
}

// Takes an event of wire/connection.mjs, or a frame standing for the message or control frame a case waits for.
export function describe(event) {
  switch (event.kind) {
    case 'end': return 'the TCP connection closed without a Close frame';
    case 'silence': return `nothing for ${event.deadlineMs} ms`;
    case 'violation': return event.what;
    default:
      if (event.opcode !== Opcode.close) return `${opcodeName(event.opcode)} (${describePayload(event.payload)})`;
      return `Close ${closeCode(event.payload) ?? 'without a code'}`;
  }
}

// Names the first octet that differs, which `describe` cannot show for a long payload.
export function describeDifference(expected, got) {
  if (got.payload === undefined || got.opcode !== expected.opcode) return describe(got);
  const length = Math.min(expected.payload.length, got.payload.length);
  let at = 0;
  while (at < length && expected.payload[at] === got.payload[at]) ++at;
  return `${describe(got)} differing from octet ${at} on`;
}
