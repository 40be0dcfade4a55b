// 3.*: a reserved bit without an extension that gives it a meaning fails the connection (RFC 6455, 5.2).
import { binary, close, encode, ping, text } from '../wire/frames.mjs';
import { CloseCode } from '../peer.mjs';

const greeting = text('first, as it should be');
const refused = (options) => (peer) => peer.expectFailed(CloseCode.protocolError, options);

const afterGreeting = (id, rsv, how, send) => ({
  id,
  title: `a good text, then one with RSV ${rsv}, then a ping${how}`,
  async run(peer) {
    await send(peer, [greeting, text('second', { rsv }), ping()]);
    await refused({ after: [greeting] })(peer);
  },
});

const alone = (id, title, bad) => ({
  id,
  title,
  async run(peer) {
    peer.send(bad);
    await refused()(peer);
  },
});

export const cases = [
  alone('3.1', 'a text with RSV 1', text('alone', { rsv: 1 })),
  afterGreeting('3.2', 2, '', (peer, frames) => peer.send(...frames)),
  afterGreeting('3.3', 3, ', one frame a write', async (peer, frames) => {
    for (const each of frames) await peer.sendRaw(encode(each));
  }),
  afterGreeting('3.4', 4, ', one octet a write', (peer, frames) => peer.sendChopped(1, ...frames)),
  alone('3.5', 'a binary with RSV 5', binary([1, 2, 3], { rsv: 5 })),
  alone('3.6', 'a ping with RSV 6', ping('alone', { rsv: 6 })),
  alone('3.7', 'a Close with RSV 7', close(CloseCode.normal, '', { rsv: 7 })),
];
