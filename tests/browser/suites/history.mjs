// What was said in a group, read again over the connection and without one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

const MINUTE_MS = 60_000;

export function history({ inPage }) {
  describe('history', () => {
    for (const way of ['over the connection', 'over HTTP']) {
      test(`has what was heard, in order, and when it was sent, ${way}`, async () => {
        const { heard, all, last, first, now } = await inPage(async (overHttp) => {
          const group = crypto.randomUUID();
          const heard = [];
          const ann = new Person();
          const { hear } = ann;
          ann.hear = (event) => {
            if (event.type === 'message') heard.push({ ...event });
            hear(event);
          };
          await ann.connect();
          await ann.join(group);
          for (const text of ['one', 'two']) await ann.post({ text }, group);
          await ann.first(({ message }) => message?.text === 'two');
          // The same user has a connection in the group, so that it may ask without one, too.
          const { pipit } = overHttp ? new Person(ann.user) : ann;
          const last = await pipit.getRealtimeHistory({ group, limit: 1 });
          const first = await pipit.getRealtimeHistory({ group, before: last.startKey });
          return { heard, all: await pipit.getRealtimeHistory({ group }), last, first, now: Date.now() };
        }, way === 'over HTTP');
        for (const { list } of [all, last, first]) {
          for (const { sent_at } of list) assert.ok(Math.abs(now - sent_at) < MINUTE_MS, `sent at ${sent_at}, and it is ${now}`);
        }
        assert.ok(all.list[0].sent_at <= all.list[1].sent_at);
        const rows = ({ list }) => list.map(({ sent_at: _, ...row }) => row);
        const wanted = heard.map(({ message, sender, sender_cid, sender_rid, offset }) => ({ message, sender, sender_cid, sender_rid, offset }));
        assert.deepEqual(wanted.map(({ message }) => message.text), ['one', 'two']);
        assert.equal(wanted[1].offset, wanted[0].offset + 1);
        assert.deepEqual([rows(all), rows(last), rows(first)], [wanted, wanted.slice(1), wanted.slice(0, 1)]);
        assert.deepEqual([all.endOfList, last.endOfList, first.endOfList], [true, false, true]);
        assert.equal(last.startKey.offset, wanted[1].offset);
      });
    }
  });
}
