// 9.*: large messages, many fragments, small writes and many round trips. Correctness under load, with a generous
// deadline; speed is measured elsewhere.
import { Opcode, fragments, frame } from '../wire/frames.mjs';
import { asciiText, octets } from '../payloads.mjs';

const KiB = 1024;
const MiB = 1024 * KiB;
const deadlineMs = 60_000;
const messageSizes = [64 * KiB, 256 * KiB, MiB, 4 * MiB, 8 * MiB, 16 * MiB];
const fragmentedBytes = 4 * MiB;
const fragmentSizes = [64, 256, KiB, 4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, MiB, 4 * MiB];
const choppedBytes = MiB;
const chopSizes = [64, 128, 256, 512, KiB, 2 * KiB];
const roundTrips = 1000;
const roundTripSizes = [0, 16, 64, 256, KiB, 4 * KiB];

const numbered = (id, sizes, title, run) => sizes.map((size, index) =>
  ({ id: `${id}.${index + 1}`, title: title(size), deadlineMs, run: (peer) => run(peer, size) }));

const limits = (firstId, opcode, kind, payloadOf) => {
  const id = (row) => `9.${firstId + 2 * row}`;
  const echoed = async (peer, payload) => {
    await peer.expect(frame(opcode, payload));
    await peer.close();
  };
  return [
    ...numbered(id(0), messageSizes, (size) => `${kind} message of ${size} octets`, async (peer, size) => {
      const payload = payloadOf(size);
      peer.send(frame(opcode, payload));
      await echoed(peer, payload);
    }),
    ...numbered(id(1), fragmentSizes, (size) => `${kind} message of 4 MiB in fragments of ${size}`, async (peer, size) => {
      const payload = payloadOf(fragmentedBytes);
      peer.sendAll(fragments(opcode, payload, size));
      await echoed(peer, payload);
    }),
    ...numbered(id(2), chopSizes, (size) => `${kind} message of 1 MiB in writes of ${size}`, async (peer, size) => {
      const payload = payloadOf(choppedBytes);
      await peer.sendChopped(size, frame(opcode, payload));
      await echoed(peer, payload);
    }),
    ...numbered(id(3), roundTripSizes, (size) => `${roundTrips} ${kind} round trips of ${size} octets`, async (peer, size) => {
      const message = frame(opcode, payloadOf(size));
      for (let i = 0; i < roundTrips; ++i) {
        peer.send(message);
        await peer.expect(message);
      }
      await peer.close();
    }),
  ];
};

// Text has the odd numbers, binary the even ones.
export const cases = [
  ...limits(1, Opcode.text, 'text', asciiText),
  ...limits(2, Opcode.binary, 'binary', octets),
];
