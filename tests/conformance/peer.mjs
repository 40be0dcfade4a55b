// What a case holds in its hands: a connection plus the expectations that turn events into a verdict.
// Every `expect…` throws a Mismatch when the server does something else.
import { Connection } from './wire/connection.mjs';
import { Opcode, close } from './wire/frames.mjs';
import { Mismatch, closeCode, describe, describeDifference } from './verdict.mjs';

export const CloseCode = Object.freeze({ normal: 1000, protocolError: 1002, invalidPayload: 1007 });

const isSame = (expected, got) => got.opcode === expected.opcode && got.payload.equals(expected.payload);

export class Peer {
  #connection;
  #remarks = [];

  static async open(url, options) {
    return new Peer(await Connection.open(url, options));
  }

  constructor(connection) {
    this.#connection = connection;
  }

  // Where the server kept the RFC but not its recommendation; one sentence each.
  get remarks() { return this.#remarks; }
  // The permessage-deflate agreement, or null.
  get agreed() { return this.#connection.agreed; }

  send(...frames) { this.#connection.send(frames); }
  sendAll(frames) { this.#connection.send(frames); }
  sendChopped(chopBytes, ...frames) { return this.#connection.sendChopped(chopBytes, frames); }
  sendRaw(octets) { return this.#connection.sendRaw(octets, octets.length); }
  sendMessage(opcode, payload, fragmentBytes) { this.#connection.sendMessage(opcode, payload, fragmentBytes); }
  next(deadlineMs) { return this.#connection.next(deadlineMs); }
  destroy() { this.#connection.destroy(); }
  remark(sentence) { this.#remarks.push(sentence); }

  // These messages or control frames, in this order, with nothing between them.
  async expect(...frames) {
    for (const expected of frames) {
      const got = await this.next();
      if (got.opcode === undefined || !isSame(expected, got)) {
        throw new Mismatch(describe(expected), describeDifference(expected, got));
      }
    }
  }

  // Nothing for `windowMs`. For the few places where an early answer would be wrong and nothing can be sent to ask.
  async expectQuiet(windowMs) {
    const got = await this.next(windowMs);
    if (got.kind !== 'silence') throw new Mismatch('nothing yet', describe(got));
  }

  // The server answers our Close frame with one of `codes` (null: no code) and closes the TCP connection (7.1.1).
  async expectClosed(...codes) {
    await this.expectClosedBy(await this.next(), ...codes);
  }

  // The same where the case has already taken the event `got`.
  async expectClosedBy(got, ...codes) {
    const isExpected = got.opcode === Opcode.close && codes.includes(closeCode(got.payload));
    const expected = codes.map((code) => code ?? 'without a code').join(' or ');
    if (!isExpected) throw new Mismatch(`Close ${expected}`, describe(got));
    await this.#expectEnd();
  }

  // The closing handshake with which every well-behaved exchange ends.
  async close() {
    this.send(close(CloseCode.normal));
    await this.expectClosed(CloseCode.normal);
  }

  // The server fails the connection (7.1.7) with `code`. Before it does, it may answer `frames` that were right; a server
  // that throws those answers away, closes without a Close frame, or uses a `tolerated` code is not strict.
  // `first` is the next event where the case has already taken it.
  async expectFailed(code, { after: frames = [], tolerated = [], first } = {}) {
    const outstanding = [...frames];
    let got = first ?? await this.next();
    while (outstanding.length > 0 && got.opcode !== undefined && isSame(outstanding[0], got)) {
      outstanding.shift();
      got = await this.next();
    }
    if (got.kind !== 'end' && got.opcode !== Opcode.close) throw new Mismatch(`Close ${code}`, describe(got));
    if (outstanding.length > 0) this.remark('failed the connection before answering what came before the fault');
    if (got.kind === 'end') return this.remark('closed the TCP connection without a Close frame');
    const gotCode = closeCode(got.payload);
    if (gotCode !== code && !tolerated.includes(gotCode)) throw new Mismatch(`Close ${code}`, describe(got));
    if (gotCode !== code) this.remark(`closed with ${gotCode} where ${code} says more`);
    if (!this.#connection.closeSent) this.send(close(code));
    await this.#expectEnd();
  }

  async #expectEnd() {
    const got = await this.next();
    if (got.kind !== 'end') throw new Mismatch('the TCP connection to be closed after the Close frames', describe(got));
  }
}
