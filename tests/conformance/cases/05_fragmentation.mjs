// 5.*: messages in several frames, control frames between them, and continuations of nothing (RFC 6455, 5.4).
import { continuation, encode, ping, pong, text } from '../wire/frames.mjs';
import { CloseCode } from '../peer.mjs';

const open = { fin: false };
const pinged = 'between the halves';

// The three ways to hand frames to TCP that the cases of this group are repeated with.
const inOne = async (peer, frames) => peer.send(...frames);
const byFrame = async (peer, frames) => {
  for (const each of frames) await peer.sendRaw(encode(each));
};
const byOctet = (peer, frames) => peer.sendChopped(1, ...frames);
const writes = [
  { how: 'in one write', send: inOne },
  { how: 'one frame a write', send: byFrame },
  { how: 'one octet a write', send: byOctet },
];

const inEveryWrite = (firstId, title, frames, judge) => writes.map(({ how, send }, index) => ({
  id: `5.${firstId + index}`,
  title: `${title}, ${how}`,
  async run(peer) {
    await send(peer, frames);
    await judge(peer);
  },
}));

const inOneWrite = (id, title, frames, judge) => ({
  id: `5.${id}`,
  title,
  async run(peer) {
    peer.send(...frames);
    await judge(peer);
  },
});

const answered = (...frames) => async (peer) => {
  await peer.expect(...frames);
  await peer.close();
};
const refused = (options) => (peer) => peer.expectFailed(CloseCode.protocolError, options);

const halves = [text('one half, ', open), continuation('other half')];
const whole = text('one half, other half');

const twice = (fin) => Array.from({ length: 2 }, () => [continuation('of nothing', { fin }), ...halves]).flat();

// The first ping has to be answered while the message is still open, so its pong is awaited before going on.
const pingsInside = (send) => async (peer) => {
  await send(peer, [text('a', open), continuation('b', open), ping('first')]);
  await peer.expect(pong('first'));
  await send(peer, [continuation('c', open), continuation('d', open), ping('second'), continuation('e')]);
  await answered(pong('second'), text('abcde'))(peer);
};

export const cases = [
  inOneWrite(1, 'a ping in two fragments', [ping('one half', open), continuation('other half')], refused()),
  inOneWrite(2, 'a pong in two fragments', [pong('one half', open), continuation('other half')], refused()),
  ...inEveryWrite(3, 'a text in two fragments', halves, answered(whole)),
  ...inEveryWrite(6, 'a ping between two fragments', [halves[0], ping(pinged), halves[1]], answered(pong(pinged), whole)),
  ...inEveryWrite(9, 'a final continuation of nothing, then a text', [continuation('of nothing'), whole], refused()),
  ...inEveryWrite(12, 'an open continuation of nothing, then a text', [continuation('of nothing', open), whole], refused()),
  inOneWrite(15, 'a fragmented text, an open continuation of nothing, a text',
    [...halves, continuation('of nothing', open), whole], refused({ after: [whole] })),
  inOneWrite(16, 'twice: an open continuation of nothing, then a fragmented text', twice(false), refused()),
  inOneWrite(17, 'twice: a final continuation of nothing, then a fragmented text', twice(true), refused()),
  inOneWrite(18, 'a fragmented text whose second frame is a text frame again', [halves[0], text('other half')], refused()),
  { id: '5.19', title: 'pings inside a text of five fragments', run: pingsInside(inOne) },
  { id: '5.20', title: 'pings inside a text of five fragments, one frame a write', run: pingsInside(byFrame) },
];
