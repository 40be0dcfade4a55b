// 1.*: messages around the edges of the three payload length forms (RFC 6455, 5.2) come back as they were sent.
import { Opcode, frame } from '../wire/frames.mjs';
import { asciiText, octets } from '../payloads.mjs';

const sizes = [0, 125, 126, 127, 128, 65535, 65536];
const choppedBytes = 65536;
const chopBytes = 997;

function framingCases(id, opcode, kind, payloadOf) {
  const whole = sizes.map((size, index) => ({
    id: `${id}.${index + 1}`,
    title: `${kind} message of ${size} octets`,
    async run(peer) {
      const message = frame(opcode, payloadOf(size));
      peer.send(message);
      await peer.expect(message);
      await peer.close();
    },
  }));
  return [...whole, {
    id: `${id}.${sizes.length + 1}`,
    title: `${kind} message of ${choppedBytes} octets, written ${chopBytes} octets at a time`,
    async run(peer) {
      const message = frame(opcode, payloadOf(choppedBytes));
      await peer.sendChopped(chopBytes, message);
      await peer.expect(message);
      await peer.close();
    },
  }];
}

export const cases = [
  ...framingCases('1.1', Opcode.text, 'text', asciiText),
  ...framingCases('1.2', Opcode.binary, 'binary', octets),
];
