// Two services of one server: nobody in one can find out anything about the other, or do anything there.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { message, privately } from '../../browser/suites/events.mjs';
import { Browser } from '../../push/browser.mjs';
import { DEN, TEA } from '../support/world.mjs';

const GROUP = 'the same name';
const END = { end: true };
const told = (page) => page.evaluate(() => me.events);
const heard = (page, value) => page.evaluate((json) => me.heard(json).then(() => true), JSON.stringify(value));
const post = (page, value, to) => page.evaluate((what, whom) => me.pipit.postRealtime(what, whom), value, to);

// `service()` is the push service that the world's server knows.
export function apart({ world, service }) {
  // One user id and one group name in both services, and a friend in each of them.
  async function meet() {
    const user = randomUUID();
    const [inTea, friendInTea] = [await world().guest(GROUP, { user }), await world().guest(GROUP)];
    const [inDen, friendInDen] = [await world().guest(GROUP, { user, service: DEN }), await world().guest(GROUP, { service: DEN })];
    await Promise.all([inTea, inDen].map((page) => page.evaluate(() => me.first('notice').then(() => true))));
    const all = [inTea, friendInTea, inDen, friendInDen];
    await Promise.all(all.map((page) => page.evaluate(() => void (me.told.length = 0))));
    return all;
  }

  test('messages, private ones and notices stay in their service, whatever names and ids are the same', async () => {
    const [inTea, friendInTea, inDen, friendInDen] = await meet();
    await post(friendInTea, 'to the tea room', GROUP);
    await post(friendInTea, 'to you in the tea room', inTea.user);
    await heard(inTea, 'to you in the tea room');
    await friendInTea.evaluate(() => leave());
    await inTea.evaluate(() => me.first(({ code }) => code === 'USER_DISCONNECTED').then(() => true));
    await post(friendInDen, END, GROUP);
    // What is for a person and what is for a group may overtake one another.
    await heard(inDen, END);
    await post(friendInDen, END, inDen.user);
    await inDen.evaluate(() => me.first('private').then(() => true));
    assert.deepEqual(await told(inDen), [message(friendInDen, GROUP, END), privately(friendInDen, END)]);
    await post(inTea, END, GROUP);
    await heard(inTea, END);
    assert.deepEqual((await told(inTea)).filter(({ sender }) => sender === friendInDen.user), []);
  });

  test('groups and people are listed for their service alone', async () => {
    const [inTea, friendInTea, inDen, friendInDen] = await meet();
    await world().guest('only in the den', { service: DEN });
    const lists = [];
    for (const page of [inTea, inDen]) {
      lists.push(await page.evaluate(async (group) => {
        const groups = await me.pipit.getRealtimeGroups();
        const users = await me.pipit.getRealtimeUsers({ group });
        const other = await me.pipit.getRealtimeUsers({ group: 'only in the den' });
        return { groups: groups.list, cids: users.list.map(({ cid }) => cid).sort(), others: other.list.length };
      }, GROUP));
    }
    const row = (group, count) => ({ group, number_of_users: count });
    const cids = (...pages) => pages.map(({ cid }) => cid).sort();
    assert.deepEqual(lists, [
      { groups: [row(GROUP, 2)], cids: cids(inTea, friendInTea), others: 0 },
      { groups: [row('only in the den', 1), row(GROUP, 2)], cids: cids(inDen, friendInDen), others: 1 },
    ]);
  });

  test('nobody in the other service can be called', async () => {
    const [inTea, , , friendInDen] = await meet();
    await inTea.evaluate((cid, ice) => dial({ cid }, { ice }), friendInDen.cid, world().ice);
    await inTea.evaluate(() => next('error').then(() => true));
    await post(inTea, END, GROUP);
    await heard(inTea, END);
    await post(friendInDen, END, GROUP);
    await heard(friendInDen, END);
    assert.deepEqual((await told(friendInDen)).filter(({ type }) => type.startsWith('rtc')), []);
  });

  test('subscriptions, keys and pushes to everyone are the service’s own', async () => {
    const members = [];
    for (const home of [TEA, DEN]) {
      const page = await world().member({ service: home, admin: true });
      const browser = new Browser(service());
      await page.evaluate((endpoint, keys) => me.pipit.subscribeNotification(endpoint, keys), ...Object.values(browser.subscription));
      const { VAPIDPublicKey: key } = await page.evaluate(() => me.pipit.vapidPublicKey());
      members.push({ page, browser, key });
    }
    const [tea, den] = members;
    const push = ({ page }, title, user) => page.evaluate((what, whom) => me.pipit.pushNotification(what, whom), { title, body: 'x' }, user);
    await push(tea, 'everyone who drinks tea');
    // To the other one's id, in this service, where nobody has it.
    await push(tea, 'across', den.page.user);
    await tea.browser.has(1);
    await push(den, 'everyone in the den');
    await den.browser.has(1);
    await push(tea, 'the end', tea.page.user);
    await tea.browser.has(2);
    const titles = ({ browser }) => browser.received.map(({ notification }) => notification.title);
    assert.notEqual(tea.key, den.key);
    assert.deepEqual([titles(tea), titles(den)], [['everyone who drinks tea', 'the end'], ['everyone in the den']]);
  });

  test('a token of one service is no good in the other', async () => {
    const page = await world().member();
    const own = page.options.tokens;
    const ask = (service, token) =>
      page.evaluate(
        async (server, { id, owner }, authorization) => {
          const body = JSON.stringify({ service: id, owner, searchFor: 'group', value: ' ', condition: '>' });
          const { status } = await fetch(`${server}/skapi/get-ws-group`, { method: 'POST', body, headers: { authorization } });
          return status;
        },
        world().server.origin,
        service,
        token,
      );
    // With the other service's name in it, signed as this one's.
    const [head, , signature] = own.idToken.split('.');
    const foreign = world().tokens(page.user, { service: DEN });
    const forged = [head, foreign.idToken.split('.')[1], signature].join('.');
    const statuses = [];
    for (const [service, token] of [[TEA, own.idToken], [DEN, foreign.idToken], [DEN, own.idToken], [TEA, foreign.idToken], [DEN, forged]]) {
      statuses.push(await ask(service, token));
    }
    assert.deepEqual(statuses.map((status) => (status < 400 ? 'ok' : 'refused')), ['ok', 'ok', 'refused', 'refused', 'refused'], String(statuses));
  });
}
