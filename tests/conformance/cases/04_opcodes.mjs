// 4.*: opcodes 3 to 7 and 11 to 15 are reserved; receiving one fails the connection (RFC 6455, 5.2).
import { frame, ping, text } from '../wire/frames.mjs';
import { CloseCode } from '../peer.mjs';

const greeting = text('first, as it should be');

// The same five shapes for both halves of the opcode space, which begin at 3 and at 11.
const reservedOpcodes = (id, firstOpcode) => [
  { payload: '', before: [], after: [] },
  { payload: 'with a payload', before: [], after: [] },
  { payload: '', before: [greeting], after: [ping()] },
  { payload: 'with a payload', before: [greeting], after: [ping()] },
  { payload: 'with a payload', before: [greeting], after: [ping()], chopBytes: 1 },
].map(({ payload, before, after, chopBytes }, index) => ({
  id: `${id}.${index + 1}`,
  title: [
    `opcode ${firstOpcode + index}`,
    payload,
    before.length > 0 && 'between a text and a ping',
    chopBytes && 'written octet by octet',
  ].filter(Boolean).join(' '),
  async run(peer) {
    const frames = [...before, frame(firstOpcode + index, payload), ...after];
    if (chopBytes) await peer.sendChopped(chopBytes, ...frames);
    else peer.send(...frames);
    await peer.expectFailed(CloseCode.protocolError, { after: before });
  },
}));

export const cases = [...reservedOpcodes('4.1', 3), ...reservedOpcodes('4.2', 11)];
