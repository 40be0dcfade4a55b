// People who use skapi-js and people who use Pipit's own client, in one group.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disconnected, joined, jsonValues, left, message, privately } from '../../browser/suites/events.mjs';
import { openCaller } from '../../browser/support/caller.mjs';

const GROUP = 'both kinds 🫖';
const END = { end: true };
const told = (page) =>
  page.evaluate(() => me.told.map(({ type, message: value, sender, sender_cid, sender_rid, code }) => ({ type, message: value, sender, sender_cid, sender_rid, code })));
const heard = (page, value) => page.evaluate((json) => me.firstThat((event) => JSON.stringify(event.message) === json).then(() => true), JSON.stringify(value));
const forget = (...pages) => Promise.all(pages.map((page) => page.evaluate(() => void (me.told.length = 0))));
const code = (page, wanted) => page.evaluate((is) => me.first((event) => event.code === is).then(() => true), wanted);

export function mixed({ world }) {
  // Sky uses skapi-js and Pip the other client; both are in the group, and have forgotten what they were told.
  async function meet() {
    const pip = await openCaller(world().browser, { origin: world().site.origin });
    await pip.evaluate((group) => me.join(group), GROUP);
    const sky = await world().guest(GROUP);
    await code(pip, 'USER_JOINED');
    await forget(pip, sky);
    return { pip, sky };
  }
  const part = async ({ pip }) => {
    await pip.evaluate(() => me.pipit.closeRealtime());
    await pip.close();
  };
  const inMeeting = (run) => async () => {
    const people = await meet();
    await run(people);
    await part(people);
  };

  test('what either says in the group comes to both, and in private to the one', inMeeting(async ({ pip, sky }) => {
    await pip.evaluate((group) => me.post({ from: 'Pip' }, group), GROUP);
    await heard(sky, { from: 'Pip' });
    await sky.evaluate((group) => me.pipit.postRealtime({ from: 'Sky' }, group), GROUP);
    // By both: what is for a person and what is for a group may overtake one another.
    await Promise.all([pip, sky].map((page) => heard(page, { from: 'Sky' })));
    await pip.evaluate((user) => me.post('psst, Sky', user), sky.user);
    await sky.evaluate((user) => me.pipit.postRealtime('psst, Pip', user), pip.user);
    await Promise.all([heard(sky, 'psst, Sky'), heard(pip, 'psst, Pip')]);
    const inGroup = [message(pip, GROUP, { from: 'Pip' }), message(sky, GROUP, { from: 'Sky' })];
    assert.deepEqual(await told(pip), [...inGroup, privately(sky, 'psst, Pip')]);
    assert.deepEqual(await told(sky), [...inGroup, privately(pip, 'psst, Sky')]);
  }));

  test('every JSON value that either sends is what the other one gets', inMeeting(async ({ pip, sky }) => {
    const texts = [...jsonValues.map(([, value]) => value), 'a%b %25 %zz', END].map((value) => JSON.stringify(value));
    const arrived = (page, sender) =>
      page.evaluate(async (user, end) => {
        await eventually(() => me.told.some((event) => event.sender === user && JSON.stringify(event.message) === end));
        return me.told.filter((event) => event.sender === user).map((event) => JSON.stringify(event.message));
      }, sender.user, JSON.stringify(END));
    const say = async (list, group) => {
      for (const text of list) await me.pipit.postRealtime(JSON.parse(text), group);
    };
    await sky.evaluate(say, texts, GROUP);
    await pip.evaluate(say, texts, GROUP);
    // skapi-js sends what is false or empty, and does not tell of it.
    assert.deepEqual(await arrived(pip, sky), texts);
    assert.deepEqual(await arrived(sky, pip), texts.filter((text) => JSON.parse(text)));
    await sky.evaluate((group) => me.pipit.postRealtime('x'.repeat(2 ** 20), group), GROUP);
    const length = await pip.evaluate(() => me.first(({ message: text }) => text?.length > 100_000).then((event) => event.message.length));
    assert.equal(length, 2 ** 20);
  }));

  test('each is told when the other one comes, leaves and is gone', inMeeting(async ({ pip, sky }) => {
    for (const [one, other] of [[pip, sky], [sky, pip]]) {
      await one.evaluate(() => me.pipit.joinRealtime({ group: null }));
      await code(other, 'USER_LEFT');
      await one.evaluate((group) => me.join(group), GROUP);
      await code(other, 'USER_JOINED');
    }
    assert.deepEqual(await told(sky), [left(pip, GROUP), joined(pip, GROUP)]);
    assert.deepEqual(await told(pip), [left(sky, GROUP), joined(sky, GROUP)]);
    await forget(pip, sky);
    await sky.evaluate(() => leave());
    await code(pip, 'USER_DISCONNECTED');
    assert.deepEqual(await told(pip), [disconnected(sky, GROUP)]);
    await sky.evaluate(() => me.connect());
    await sky.evaluate((group) => me.join(group), GROUP);
    await forget(sky);
    // Pipit's client leaves before it goes.
    await pip.evaluate(() => me.pipit.closeRealtime());
    await code(sky, 'USER_LEFT');
    assert.deepEqual(await told(sky), [left(pip, GROUP)]);
  }));

  test('both see the same groups and the same people in them', inMeeting(async ({ pip, sky }) => {
    const lists = [];
    for (const page of [pip, sky]) {
      lists.push(await page.evaluate(async (group) => {
        const groups = await me.pipit.getRealtimeGroups();
        const users = await me.pipit.getRealtimeUsers({ group });
        return { groups: groups.list, users: users.list };
      }, GROUP));
    }
    const rows = [pip, sky].map(({ user, cid }) => ({ user_id: user, cid })).sort((one, other) => (one.user_id < other.user_id ? -1 : 1));
    assert.deepEqual(lists, Array(2).fill({ groups: [{ group: GROUP, number_of_users: 2 }], users: rows }));
  }));
}
