// The playground's protocol for files, between two ends of a channel that is made up: what the other end may do to it.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { deadlineMs } from '../integration/support/deadline.mjs';

// To Node a file by this name, with no package around it, is no module.
const source = readFileSync(new URL('../../web/playground/file_transfer.js', import.meta.url), 'utf8');
const { FILE_BYTES_MAX, FileTransfer, safeName } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

class Channel extends EventTarget {
  readyState = 'open';
  bufferedAmount = 0;
  sent = 0;

  // What is sent arrives at `other`, unless `tamper` makes something else of it.
  send(data, tamper = this.tamper ?? ((same) => same)) {
    if (this.readyState !== 'open') throw new DOMException('closed', 'InvalidStateError');
    this.sent++;
    const arrives = tamper(typeof data === 'string' ? data : data.slice().buffer);
    queueMicrotask(() => this.other.dispatchEvent(new MessageEvent('message', { data: arrives })));
  }

  close() {
    for (const end of [this, this.other]) {
      end.readyState = 'closed';
      end.dispatchEvent(new Event('close'));
    }
  }
}

// One side: what became of its files, by name.
class Side {
  files = new Map();
  #watchers = new Set();

  constructor(channel) {
    this.channel = channel;
    this.transfer = new FileTransfer(channel, (file) => {
      this.files.set(file.name, file);
      for (const look of this.#watchers) look();
    });
  }

  reaches(name, state) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const file = this.files.get(name);
        if (file?.state !== state) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(file);
      };
      const timer = setTimeout(() => reject(new Error(`${name} is ${this.files.get(name)?.state}, not ${state}`)), deadlineMs);
      this.#watchers.add(look);
      look();
    });
  }
}

function meet() {
  const ends = [new Channel(), new Channel()];
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends.map((end) => new Side(end));
}

const makeFile = (name, size, fill = 7) => new File([new Uint8Array(size).fill(fill)], name);

async function offerAndTake(ann, ben, file) {
  ann.transfer.send(file);
  ben.transfer.take(await ben.reaches(file.name, 'offered'));
}

describe('a file', () => {
  test('that has changed on its way is not taken for the same', async () => {
    const [ann, ben] = meet();
    ann.channel.tamper = (data) => {
      if (typeof data !== 'string') new Uint8Array(data)[100] ^= 1;
      return data;
    };
    await offerAndTake(ann, ben, makeFile('cake', 200_000));
    const files = [await ann.reaches('cake', 'corrupt'), await ben.reaches('cake', 'corrupt')];
    assert.deepEqual(files.map(({ chunks }) => chunks), [null, null]);
    assert.equal(files[1].blob, undefined);
  });

  test('of which more comes than was offered is refused before it fills the memory', async () => {
    const [ann, ben] = meet();
    ann.channel.tamper = (data) => (typeof data === 'string' ? data.replace('"size":200000', '"size":100') : data);
    await offerAndTake(ann, ben, makeFile('cake', 200_000));
    assert.ok((await ben.reaches('cake', 'corrupt')).bytes <= 100);
    await ann.reaches('cake', 'corrupt');
  });

  test('that comes in pieces without content, or in crumbs, is refused', async () => {
    for (const bytes of [0, 1]) {
      const [ann, ben] = meet();
      ann.channel.tamper = (data) => (typeof data === 'string' ? data : data.slice(0, 4 + bytes));
      await offerAndTake(ann, ben, makeFile('cake', 200_000));
      const { chunks, bytes: through } = await ben.reaches('cake', 'corrupt');
      assert.deepEqual([chunks, through], [null, 0]);
      await ann.reaches('cake', 'corrupt');
    }
  });

  test('that is too large is refused by whoever would get it, whatever the sender thinks', async () => {
    const [ann, ben] = meet();
    ann.channel.tamper = (data) => data.replace('"size":1}', `"size":${FILE_BYTES_MAX + 1}}`);
    ann.transfer.send(makeFile('cake', 1));
    await Promise.all([ann.reaches('cake', 'too_large'), ben.reaches('cake', 'too_large')]);
  });

  test('waits while the channel is full', async () => {
    const [ann, ben] = meet();
    ann.channel.bufferedAmount = 2 ** 21;
    await offerAndTake(ann, ben, makeFile('cake', 3_000_000));
    await ann.reaches('cake', 'moving');
    // Enough turns of the loop for one that does not wait to send it all.
    for (let turn = 0; turn < 1_000; turn++) await new Promise(setImmediate);
    const before = ann.channel.sent;
    ann.channel.bufferedAmount = 0;
    ann.channel.dispatchEvent(new Event('bufferedamountlow'));
    await Promise.all([ann.reaches('cake', 'done'), ben.reaches('cake', 'done')]);
    assert.equal(before, 1);
    // The one that tells of the loss of the channel.
    assert.equal(getEventListeners(ann.channel, 'close').length, 1);
    assert.equal(getEventListeners(ann.channel, 'bufferedamountlow').length, 0);
  });

  test('is lost with the channel, on both sides', async () => {
    const [ann, ben] = meet();
    ann.channel.bufferedAmount = 2 ** 21;
    await offerAndTake(ann, ben, makeFile('cake', 3_000_000));
    await ann.reaches('cake', 'moving');
    ann.channel.close();
    await Promise.all([ann.reaches('cake', 'lost'), ben.reaches('cake', 'lost')]);
  });

  test('is lost, not unreadable, when the channel refuses it before it says that it has closed', async () => {
    const [ann, ben] = meet();
    ann.channel.bufferedAmount = 2 ** 21;
    await offerAndTake(ann, ben, makeFile('cake', 3_000_000));
    await ann.reaches('cake', 'moving');
    ann.channel.readyState = 'closing';
    ann.channel.dispatchEvent(new Event('bufferedamountlow'));
    await ann.reaches('cake', 'lost');
  });

  test('goes its way beside others, in both directions, and the empty one too', async () => {
    const [ann, ben] = meet();
    const wanted = [[ann, ben, 'cake', 300_000], [ann, ben, 'nothing', 0], [ben, ann, 'tea', 200_000]];
    await Promise.all(wanted.map(([from, to, name, size]) => offerAndTake(from, to, makeFile(name, size, name.length))));
    for (const [from, to, name, size] of wanted) {
      const [sent, arrived] = [await from.reaches(name, 'done'), await to.reaches(name, 'done')];
      assert.equal(arrived.sha256, sent.sha256);
      assert.equal(arrived.blob.size, size);
      // A link to HTML would open it with the rights of the page.
      assert.equal(arrived.blob.type, 'application/octet-stream');
    }
  });
});

describe('the other side', () => {
  test('may offer no more than twenty at a time', async () => {
    const [ann, ben] = meet();
    for (let index = 1; index <= 21; index++) ann.transfer.send(makeFile(`cake ${index}`, 1));
    await ann.reaches('cake 21', 'too_many');
    assert.equal([...ben.files.values()].filter(({ state }) => state === 'offered').length, 20);
    assert.equal(ben.files.has('cake 21'), false);
  });

  test('is not believed when it says what is not of this protocol', async () => {
    const [ann, ben] = meet();
    const nonsense = ['{', 'null', '7', '{}', '{"is":"take","id":1}', '{"is":"end","id":9}', '{"is":"offer","id":"1","size":1,"name":"x"}'];
    nonsense.push('{"is":"offer","id":2,"size":-1,"name":"x"}', '{"is":"offer","id":3,"size":0.5,"name":"x"}');
    for (const text of nonsense) ann.channel.send(text);
    for (const bytes of [[], [1], [0, 0, 0, 9, 1]]) ann.channel.send(Uint8Array.from(bytes));
    await offerAndTake(ann, ben, makeFile('cake', 10));
    await ben.reaches('cake', 'done');
    assert.deepEqual([...ben.files.keys()], ['cake']);
  });

  test('gives names that are harmless on a disk and to a reader', () => {
    const names = {
      'cake.png': 'cake.png',
      '../../etc/passwd': '__.._etc_passwd',
      'a\\b:c': 'a_b_c',
      'exe.\u202egpj': 'exe._gpj',
      '': 'file',
    };
    for (const [name, safe] of Object.entries(names)) assert.equal(safeName(name), safe);
    assert.equal([...safeName(`${'🫖'.repeat(300)}.png`)].length, 100);
  });
});
