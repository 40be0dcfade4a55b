// 2.*: pings are answered with their own payload (RFC 6455, 5.5.2), pongs with nothing (5.5.3).
import { Opcode, ping, pong } from '../wire/frames.mjs';
import { CloseCode } from '../peer.mjs';
import { Mismatch, describe } from '../verdict.mjs';
import { octets } from '../payloads.mjs';

const controlBytesMax = 125;
const pingsInARow = 10;

const answered = (payload, chopBytes) => async (peer) => {
  if (chopBytes) await peer.sendChopped(chopBytes, ping(payload));
  else peer.send(ping(payload));
  await peer.expect(pong(payload));
  await peer.close();
};

// Section 5.5.3 lets a server answer only the latest of several pings; skipping some is allowed but not strict.
async function expectPongs(peer, payloads) {
  let answeredCount = 0;
  for (let latest = -1; latest < payloads.length - 1; ++answeredCount) {
    const got = await peer.next();
    const index = got.opcode === Opcode.pong ? payloads.indexOf(got.payload.toString(), latest + 1) : -1;
    if (index < 0) throw new Mismatch(`pong to "${payloads[latest + 1]}"`, describe(got));
    latest = index;
  }
  if (answeredCount < payloads.length) peer.remark(`answered ${answeredCount} of ${payloads.length} pings`);
}

const manyAnswered = (chopBytes) => async (peer) => {
  const payloads = Array.from({ length: pingsInARow }, (_, index) => `ping number ${index}`);
  const pings = payloads.map((payload) => ping(payload));
  if (chopBytes) await peer.sendChopped(chopBytes, ...pings);
  else peer.send(...pings);
  await expectPongs(peer, payloads);
  await peer.close();
};

export const cases = [
  { id: '2.1', title: 'ping without payload', run: answered('') },
  { id: '2.2', title: 'ping with a text payload', run: answered('are you there?') },
  { id: '2.3', title: 'ping with octets that are no UTF-8', run: answered(Buffer.from('00fffec0800a', 'hex')) },
  { id: '2.4', title: 'ping of 125 octets', run: answered(octets(controlBytesMax)) },
  {
    id: '2.5',
    title: 'ping of 126 octets is refused',
    async run(peer) {
      peer.send(ping(octets(controlBytesMax + 1)));
      await peer.expectFailed(CloseCode.protocolError);
    },
  },
  { id: '2.6', title: 'ping of 125 octets, written octet by octet', run: answered(octets(controlBytesMax), 1) },
  {
    id: '2.7',
    title: 'unsolicited pong without payload is ignored',
    async run(peer) {
      peer.send(pong());
      await peer.close();
    },
  },
  {
    id: '2.8',
    title: 'unsolicited pong with payload is ignored',
    async run(peer) {
      peer.send(pong('nobody asked'));
      await peer.close();
    },
  },
  {
    id: '2.9',
    title: 'a ping after an unsolicited pong is answered',
    async run(peer) {
      peer.send(pong('nobody asked'), ping('now I do'));
      await peer.expect(pong('now I do'));
      await peer.close();
    },
  },
  { id: '2.10', title: 'ten pings at once', run: manyAnswered() },
  { id: '2.11', title: 'ten pings, written octet by octet', run: manyAnswered(1) },
];
