// 10.*: a message cut by its sender into equal fragments and a shorter last one.
import { Opcode, fragments, text } from '../wire/frames.mjs';
import { asciiText } from '../payloads.mjs';

const messageBytes = 65536;
const fragmentBytes = 1300;

export const cases = [{
  id: '10.1.1',
  title: `text of ${messageBytes} octets in fragments of ${fragmentBytes}`,
  async run(peer) {
    const payload = asciiText(messageBytes);
    peer.sendAll(fragments(Opcode.text, payload, fragmentBytes));
    await peer.expect(text(payload));
    await peer.close();
  },
}];
