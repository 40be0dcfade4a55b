// What the groups 12 and 13 share: eighteen message shapes, sent through one permessage-deflate agreement.
import { frame } from '../wire/frames.mjs';
import { Mismatch, Verdict } from '../verdict.mjs';
import { sliceAround } from '../payloads.mjs';

const KiB = 1024;
const deadlineMs = 60_000;
const declinedRounds = 3;

// [message octets, octets a fragment of the compressed message may have]
const shapes = [
  ...[16, 64, 256, KiB, 4 * KiB, 8 * KiB, 16 * KiB, 32 * KiB, 64 * KiB, 128 * KiB].map((bytes) => [bytes, Infinity]),
  ...[8 * KiB, 16 * KiB, 32 * KiB, 64 * KiB, 128 * KiB].map((bytes) => [bytes, 256]),
  ...[KiB, 4 * KiB, 32 * KiB].map((fragmentBytes) => [128 * KiB, fragmentBytes]),
];

async function exchange(peer, { opcode, content, messageBytes, fragmentBytes, count }) {
  for (let i = 0; i < count; ++i) {
    const payload = sliceAround(content, i * messageBytes, messageBytes);
    peer.sendMessage(opcode, payload, fragmentBytes);
    await peer.expect(frame(opcode, payload));
  }
  await peer.close();
}

// `data` is { opcode, content() }. With `mustAgree`, a server that is known to do permessage-deflate fails the
// case by declining; otherwise declining is its right, but the connection must then echo without compression.
export function deflateCases(id, data, offers, { mustAgree, title }) {
  const offered = offers.join(', ');
  return shapes.map(([messageBytes, fragmentBytes], index) => ({
    id: `${id}.${index + 1}`,
    title: `${title}, messages of ${messageBytes} octets`
      + `${fragmentBytes < Infinity ? ` in fragments of ${fragmentBytes}` : ''}`,
    deadlineMs,
    offers,
    async run(peer, { messages, knownToDeflate }) {
      const round = { opcode: data.opcode, content: data.content(), messageBytes, fragmentBytes };
      if (peer.agreed) return exchange(peer, { ...round, count: messages });
      if (mustAgree && knownToDeflate) throw new Mismatch(`an answer to "${offered}"`, 'an upgrade without extensions');
      await exchange(peer, { ...round, count: Math.min(messages, declinedRounds) });
      return { verdict: Verdict.unimplemented, note: `declined "${offered}"` };
    },
  }));
}
