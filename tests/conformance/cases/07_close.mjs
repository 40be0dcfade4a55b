// 7.*: the closing handshake (RFC 6455, 5.5.1 and 7), its codes (7.4) and what may follow it (nothing).
import { Opcode, close, continuation, frame, ping, text } from '../wire/frames.mjs';
import { CloseCode } from '../peer.mjs';
import { Mismatch, Verdict, describe } from '../verdict.mjs';
import { asciiText } from '../payloads.mjs';

const { normal, protocolError, invalidPayload } = CloseCode;
const noCode = null;
const reasonBytesMax = 123;
const largeBytes = 256 * 1024;
const validCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const invalidCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
// Codes no range is defined for: 7.4.2 ends at 4999.
const undefinedCodes = [5000, 65535];

const closed = (id, title, frames, ...codes) => ({
  id,
  title,
  async run(peer) {
    peer.send(...frames);
    await peer.expectClosed(...codes);
  },
});

const refused = (id, title, closeFrame, code, options) => ({
  id,
  title,
  async run(peer) {
    peer.send(closeFrame);
    await peer.expectFailed(code, options);
  },
});

// The server may or may not finish echoing before it turns to the Close frame; either way it must end properly.
const closeBehindMuchData = {
  id: '7.1.6',
  title: 'a text of 256 KiB, a short text, a Close, a ping',
  async run(peer) {
    const echoes = [text(asciiText(largeBytes)), text('the last word')];
    peer.send(...echoes, close(normal), ping());
    let echoedCount = 0;
    let got;
    for (got = await peer.next(); got.kind === 'message'; got = await peer.next()) {
      const expected = echoes[echoedCount++];
      if (!expected || got.opcode !== Opcode.text || !got.payload.equals(expected.payload)) {
        throw new Mismatch('the echoes in order, then the Close frame', describe(got));
      }
    }
    await peer.expectClosedBy(got, normal);
    return { verdict: Verdict.informational, note: `echoed ${echoedCount} of ${echoes.length} messages before closing` };
  },
};

const informational = (code, index) => ({
  id: `7.13.${index + 1}`,
  title: `Close with code ${code}`,
  async run(peer) {
    peer.send(close(code));
    const got = await peer.next();
    return { verdict: Verdict.informational, note: `answered with: ${describe(got)}` };
  },
});

export const cases = [
  {
    id: '7.1.1',
    title: 'a text, then a Close',
    async run(peer) {
      peer.send(text('goodbye'));
      await peer.expect(text('goodbye'));
      await peer.close();
    },
  },
  closed('7.1.2', 'two Close frames', [close(normal), close(normal)], normal),
  closed('7.1.3', 'a ping after the Close', [close(normal), ping('too late')], normal),
  closed('7.1.4', 'a text after the Close', [close(normal), text('too late')], normal),
  closed('7.1.5', 'a Close inside a fragmented text',
    [text('one half', { fin: false }), close(normal), continuation('too late')], normal),
  closeBehindMuchData,
  closed('7.3.1', 'Close without payload', [frame(Opcode.close)], noCode, normal),
  refused('7.3.2', 'Close of one octet', frame(Opcode.close, 'x'), protocolError),
  closed('7.3.3', 'Close with a code only', [close(normal)], normal),
  closed('7.3.4', 'Close with code and reason', [close(normal, 'that was all')], normal),
  closed('7.3.5', 'Close with the longest reason', [close(normal, asciiText(reasonBytesMax))], normal),
  refused('7.3.6', 'Close with a reason one octet too long', close(normal, asciiText(reasonBytesMax + 1)), protocolError),
  refused('7.5.1', 'Close with a reason that is not UTF-8', close(normal, Buffer.from([0x6f, 0x6b, 0xed, 0xa0, 0x80])),
    invalidPayload, { tolerated: [protocolError] }),
  ...validCodes.map((code, index) => closed(`7.7.${index + 1}`, `Close with code ${code}`, [close(code)], normal, code)),
  ...invalidCodes.map((code, index) => refused(`7.9.${index + 1}`, `Close with code ${code}`, close(code), protocolError)),
  ...undefinedCodes.map(informational),
];
