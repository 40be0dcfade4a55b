// What becomes of people who use skapi-js when their connection is lost: the client tries once, 3 s later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disconnected, joined, message } from '../../browser/suites/events.mjs';
import { startLine } from '../../integration/support/line.mjs';
import { lost, notConnected, reconnect, success } from './events.mjs';

const told = (page) => page.evaluate(() => me.events);
// Everything that may be told when a connection is gone without a word; an error of the socket first, or not.
const withoutSocketError = (events) => events.filter(({ message: text }) => text !== notConnected.message);

// Resolves when the page is connected and in its group again, with its new connection id.
const isBack = async (page, group) => {
  const old = page.cid;
  page.cid = await page.evaluate(
    async (before, name) => {
      await me.first('success');
      return eventually(async () => {
        const { list } = await me.pipit.getRealtimeUsers({ group: name, user_id: me.user });
        return list.find(({ cid }) => cid !== before)?.cid;
      });
    },
    old,
    group,
  );
};

export function reconnecting({ world }) {
  for (const [how, stop] of [['was killed', 'kill'], ['was stopped as it should', 'end']]) {
    test(`a server that ${how} and is there again within 3 s has everybody in their group`, async () => {
      const [ann, ben] = await world().party('tea', 2);
      await world().server[stop]();
      await Promise.all([ann, ben].map((page) => page.evaluate(() => me.first('reconnect').then(() => true))));
      await world().server.start();
      await Promise.all([ann, ben].map((page) => isBack(page, 'tea')));
      await ann.evaluate(() => me.pipit.postRealtime('on we go', 'tea'));
      await Promise.all([ann, ben].map((page) => page.evaluate(() => me.heard('"on we go"').then(() => true))));
      for (const page of [ann, ben]) {
        const events = withoutSocketError(await told(page)).filter(({ type }) => type !== 'notice');
        assert.deepEqual(events, [lost, reconnect(1), success, message(ann, 'tea', 'on we go')]);
      }
    });
  }

  test('a line that is cut comes back under another id, and the others see one go and come', async (t) => {
    const { server } = world();
    const line = await startLine(t, Number(new URL(server.origin).port));
    const ben = await world().guest('tea');
    const ann = await world().guest('tea', { at: line.url.replace('http', server.tls ? 'https' : 'http') });
    const { cid } = ann;
    await ben.evaluate(() => me.first('notice').then(() => void (me.told.length = 0)));
    await ann.evaluate(() => void (me.told.length = 0));
    line.cut();
    await isBack(ann, 'tea');
    await ben.evaluate(() => eventually(() => me.told.length === 2));
    // In this order also with a grace of just as long as the client waits: there is none for who cannot come back as the same.
    const codes = (await told(ben)).map(({ code }) => code);
    assert.deepEqual(codes, ['USER_DISCONNECTED', 'USER_JOINED']);
    await ann.evaluate(() => me.pipit.postRealtime('here again', 'tea'));
    await ben.evaluate(() => me.heard('"here again"').then(() => true));
    assert.notEqual(ann.cid, cid);
    assert.deepEqual(withoutSocketError(await told(ann)).slice(0, 3), [lost, reconnect(1), success]);
    assert.deepEqual(await told(ben), [disconnected({ ...ann, cid }, 'tea'), joined(ann, 'tea'), message(ann, 'tea', 'here again')]);
  });
}
