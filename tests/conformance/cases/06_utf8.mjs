// 6.*: text is UTF-8 (RFC 6455, 8.1; RFC 3629), whole messages at a time and failing as early as an octet can tell.
import { Opcode, continuation, encode, fragments, ping, pong, text } from '../wire/frames.mjs';
import { CloseCode } from '../peer.mjs';
import { sequenceClasses } from './utf8_sequences.mjs';

const open = { fin: false };
const firstClassId = 5;
// How long a half-written frame is given to be refused too early; nothing can be asked while a frame is open.
const quietWindowMs = 50;
const failFastWindowMs = 1000;

// "Żółw ćwiczy 忍耐 🐢": one, two, three and four octets a character.
const valid = Buffer.from('Żółw ćwiczy 忍耐 🐢');
const otherValid = Buffer.from('ψηφίο');
const head = Buffer.from('šťastně: ');
// U+110000, the first number past Unicode, in UTF-8's scheme: F4 may start a character, 90 may not follow it.
const pastUnicode = Buffer.from([0xf4, 0x90, 0x80, 0x80]);
const tail = Buffer.from(' konec');
const broken = Buffer.concat([head, pastUnicode, tail]);
const firstBadAt = head.length + 1;
const tailAt = head.length + pastUnicode.length;

const echoed = (id, title, payload, frames) => ({
  id,
  title,
  async run(peer) {
    peer.send(...frames);
    await peer.expect(text(payload));
    await peer.close();
  },
});

const refused = (id, title, frames) => ({
  id,
  title,
  async run(peer) {
    peer.send(...frames);
    await peer.expectFailed(CloseCode.invalidPayload);
  },
});

const inOctets = (payload) => fragments(Opcode.text, payload, 1);

// Pings ask whether each fragment was accepted: the first must be, the second must not, and a server that
// only looks at the finished message fails it after the third, which is not strict.
const failFastInFrames = (id, title, secondFrom, secondTo) => ({
  id,
  title,
  async run(peer) {
    peer.send(text(broken.subarray(0, secondFrom), open), ping('accepted?'));
    await peer.expect(pong('accepted?'));
    peer.send(continuation(broken.subarray(secondFrom, secondTo), open), ping('still?'));
    const got = await peer.next();
    if (got.opcode === Opcode.pong) {
      peer.remark('refused the text only when it was complete');
      peer.send(continuation(broken.subarray(secondTo)));
      return peer.expectFailed(CloseCode.invalidPayload);
    }
    return peer.expectFailed(CloseCode.invalidPayload, { first: got });
  },
});

const failFastInOneFrame = (id, title, secondFrom, secondTo) => ({
  id,
  title,
  async run(peer) {
    const wire = encode(text(broken));
    const payloadAt = wire.length - broken.length;
    await peer.sendRaw(wire.subarray(0, payloadAt + secondFrom));
    await peer.expectQuiet(quietWindowMs);
    await peer.sendRaw(wire.subarray(payloadAt + secondFrom, payloadAt + secondTo));
    let got = await peer.next(failFastWindowMs);
    if (got.kind === 'silence') {
      peer.remark('refused the text only when it was complete');
      await peer.sendRaw(wire.subarray(payloadAt + secondTo));
      got = await peer.next();
    }
    return peer.expectFailed(CloseCode.invalidPayload, { first: got });
  },
});

const bySequence = sequenceClasses.flatMap(({ title, sequences }, index) =>
  sequences.map(({ octets, isValid }, place) => {
    const id = `6.${firstClassId + index}.${place + 1}`;
    const name = `${title}: ${octets.toString('hex')}`;
    return isValid ? echoed(id, name, octets, [text(octets)]) : refused(id, name, [text(octets)]);
  }));

export const cases = [
  echoed('6.1.1', 'an empty text', '', [text('')]),
  echoed('6.1.2', 'a text of three empty fragments', '',
    [text('', open), continuation('', open), continuation('')]),
  echoed('6.1.3', 'a text between two empty fragments', valid,
    [text('', open), continuation(valid, open), continuation('')]),
  echoed('6.2.1', 'valid UTF-8 in one frame', valid, [text(valid)]),
  echoed('6.2.2', 'valid UTF-8 cut between characters', valid, [text('Żółw ćwiczy ', open), continuation('忍耐 🐢')]),
  echoed('6.2.3', 'valid UTF-8, one octet a fragment', valid, inOctets(valid)),
  echoed('6.2.4', 'other valid UTF-8, one octet a fragment', otherValid, inOctets(otherValid)),
  refused('6.3.1', 'invalid UTF-8 in one frame', [text(broken)]),
  refused('6.3.2', 'invalid UTF-8, one octet a fragment', inOctets(broken)),
  failFastInFrames('6.4.1', 'the second of three fragments is invalid', head.length, tailAt),
  failFastInFrames('6.4.2', 'the second of three fragments is the one invalid octet', firstBadAt, firstBadAt + 1),
  failFastInOneFrame('6.4.3', 'the second third of a frame is invalid', head.length, tailAt),
  failFastInOneFrame('6.4.4', 'the second part of a frame is the one invalid octet', firstBadAt, firstBadAt + 1),
  ...bySequence,
];
