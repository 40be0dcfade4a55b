// Groups and who is in them, as skapi-js lists them; Node clients of Pipit fill the groups.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { Pipit } from '../../../clients/js/dist/node.mjs';

const GROUPS = { 'a cup': 1, 'tea room': 3, 'tea for two': 2, 'tea é 🫖': 1, 'Z%': 2 };
const row = (group) => ({ group, number_of_users: GROUPS[group] });
const byName = ['Z%', 'a cup', 'tea for two', 'tea room', 'tea é 🫖'];
const byNumber = ['a cup', 'tea é 🫖', 'Z%', 'tea for two', 'tea room'];
const byBytes = (one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other));

export function listing({ world }) {
  const people = [];
  let ann;

  before(async () => {
    ann = await world().member();
    for (const [group, count] of Object.entries(GROUPS)) {
      for (let index = 0; index < count; index++) people.push(await somebody(group));
    }
    // A second tab of one who is there: one user, two connections.
    people.push(await somebody('tea room', people[1].user));
  });
  after(() => Promise.all(people.map(({ pipit }) => pipit.closeRealtime())));

  async function somebody(group, user = randomUUID()) {
    const { server } = world();
    const pipit = new Pipit({ url: server.origin, ca: server.tls?.certificate, getToken: () => server.sign(user) });
    await pipit.connectRealtime(() => {});
    await pipit.joinRealtime({ group });
    return { user, pipit, group, cid: pipit.user.cid };
  }

  const groups = (params, options, who = ann) => who.evaluate((one, other) => me.pipit.getRealtimeGroups(one, other), params, options);
  const users = (params, options) => ann.evaluate((one, other) => me.pipit.getRealtimeUsers(one, other), params, options);
  const refused = async (name, ...args) => {
    const { code, message } = await ann.evaluate((call, given) => refusal(() => me.pipit[call](...given)), name, args);
    return { code, message };
  };

  describe('groups', () => {
    test('are all listed by name, with the number of their users, and in one page', async () => {
      const { list, startKey, endOfList } = await groups(null);
      assert.deepEqual([list, startKey, endOfList], [byName.map(row), 'end', true]);
      assert.deepEqual((await groups(null, { ascending: false })).list, byName.toReversed().map(row));
    });

    const questions = [
      [{ searchFor: 'group', value: 'tea room' }, ['tea room']],
      [{ searchFor: 'group', value: 'tea', condition: '>=' }, ['tea for two', 'tea room', 'tea é 🫖']],
      [{ searchFor: 'group', value: 'tea', condition: 'gte' }, ['tea for two', 'tea room', 'tea é 🫖']],
      [{ searchFor: 'group', value: 'tea room', condition: '>' }, ['tea é 🫖']],
      [{ searchFor: 'group', value: 'tea room', condition: '<' }, ['Z%', 'a cup', 'tea for two']],
      [{ searchFor: 'group', value: 'tea room', condition: '<=' }, ['Z%', 'a cup', 'tea for two', 'tea room']],
      [{ searchFor: 'group', value: 'tea room', condition: '!=' }, ['Z%', 'a cup', 'tea for two', 'tea é 🫖']],
      [{ searchFor: 'group', value: 'a', range: 'tea g' }, ['a cup', 'tea for two']],
      [{ searchFor: 'group', value: 'nobody’s' }, []],
      [{ searchFor: 'group' }, byName],
      [{ searchFor: 'number_of_users' }, byNumber],
      [{ searchFor: 'number_of_users', value: 2 }, ['Z%', 'tea for two']],
      [{ searchFor: 'number_of_users', value: 2, condition: '>=' }, ['Z%', 'tea for two', 'tea room']],
      [{ searchFor: 'number_of_users', value: 1, condition: 'ne' }, ['Z%', 'tea for two', 'tea room']],
      [{ searchFor: 'number_of_users', value: 2, condition: 'lt' }, ['a cup', 'tea é 🫖']],
      [{ searchFor: 'number_of_users', value: 2, range: 3 }, ['Z%', 'tea for two', 'tea room']],
    ];
    for (const [params, found] of questions) {
      test(`are found by ${JSON.stringify(params)}`, async () => {
        assert.deepEqual((await groups(params)).list, found.map(row));
      });
    }

    test('come page by page with fetchMore, then none, and from the beginning again', async () => {
      const pages = [await groups(null, { limit: 2 })];
      for (let index = 0; index < 3; index++) pages.push(await groups(null, { limit: 2, fetchMore: true }));
      pages.push(await groups(null, { limit: 2 }));
      const names = pages.map(({ list }) => list.map(({ group }) => group));
      assert.deepEqual(names, [byName.slice(0, 2), byName.slice(2, 4), byName.slice(4), [], byName.slice(0, 2)]);
      assert.deepEqual(pages.map(({ endOfList }) => endOfList), [false, false, true, true, false]);
      assert.deepEqual(pages[2].startKey, 'end');
    });

    test('go on from a startKey, on another client too', async () => {
      const { startKey } = await groups({ searchFor: 'number_of_users' }, { limit: 3, ascending: false });
      const { list } = await groups({ searchFor: 'number_of_users' }, { limit: 3, ascending: false, startKey }, await world().member());
      assert.deepEqual(list, byNumber.slice(0, 2).toReversed().map(row));
    });

    test('are none after the end', async () => {
      const { list, startKey, endOfList } = await groups(null, { startKey: 'end' });
      assert.deepEqual([list, startKey, endOfList], [[], 'end', true]);
    });

    test('are asked for by two calls at once, and both are answered', async () => {
      const lists = await ann.evaluate(() => Promise.all([me.pipit.getRealtimeGroups(), me.pipit.getRealtimeGroups()]));
      assert.deepEqual(lists.map(({ list }) => list.length), [5, 5]);
    });

    test('are refused with what is wrong', async () => {
      const far = await groups(null, { limit: 2 });
      const wrong = [
        [null, { limit: 1001 }],
        [null, { limit: 2, startKey: { cursor: 'forged' } }],
        [{ searchFor: 'number_of_users' }, { limit: 2, startKey: far.startKey }],
        [{ searchFor: 'group', value: 7 }],
        [{ searchFor: 'number_of_users', value: 'two' }],
        [{ searchFor: 'group', value: 'x'.repeat(256), condition: '=' }],
        [null, { limit: -1 }],
      ];
      const answers = [];
      for (const question of wrong) answers.push(await refused('getRealtimeGroups', ...question));
      assert.deepEqual(answers.map(({ code }) => code), Array(7).fill('INVALID_PARAMETER'), JSON.stringify(answers));
      assert.equal(answers[0].message, 'Fetch limit should be below 1000.');
      assert.match(answers[1].message, /startKey/);
      assert.match(answers[5].message, /value/);
      assert.match(answers[6].message, /limit/);
    });
  });

  describe('users', () => {
    const rows = (group) =>
      people
        .filter((person) => person.group === group)
        .map(({ user, cid }) => ({ user_id: user, cid }))
        .sort((one, other) => byBytes(one.user_id, other.user_id));

    test('have a row for each of their connections, by id', async () => {
      const { list, startKey, endOfList } = await users({ group: 'tea room' });
      const ids = list.map(({ user_id: id }) => id);
      assert.deepEqual(ids, rows('tea room').map(({ user_id: id }) => id));
      assert.deepEqual(new Set(list.map(({ cid }) => cid)), new Set(rows('tea room').map(({ cid }) => cid)));
      assert.deepEqual([list.length, startKey, endOfList], [4, 'end', true]);
    });

    test('are one user’s, in pages, and in the other order', async () => {
      const [, { user }] = people;
      const twice = await users({ group: 'tea room', user_id: user });
      assert.deepEqual(twice.list.map(({ user_id: id }) => id), [user, user]);
      const pages = [await users({ group: 'tea room' }, { limit: 3 }), await users({ group: 'tea room' }, { limit: 3, fetchMore: true })];
      assert.deepEqual(pages.map(({ list }) => list.length), [3, 1]);
      const down = await users({ group: 'tea room' }, { ascending: false });
      assert.equal(down.list.at(-1).user_id, rows('tea room')[0].user_id);
    });

    test('are those of the joined group for who names none', async () => {
      const ben = await world().guest('tea room');
      const { list } = await ben.evaluate(() => me.pipit.getRealtimeUsers());
      await ben.evaluate(() => leave());
      assert.equal(list.length, 5);
      assert.ok(list.some(({ user_id: user, cid }) => user === ben.user && cid === ben.cid));
    });

    test('are none in a group that there is not', async () => {
      const { list, startKey, endOfList } = await users({ group: 'nobody’s' });
      assert.deepEqual([list, startKey, endOfList], [[], 'end', true]);
    });

    test('are refused with what is wrong', async () => {
      const answers = [
        await refused('getRealtimeUsers', { group: 'x'.repeat(256) }),
        await refused('getRealtimeUsers', { group: 'tea room', user_id: 'no id' }),
        await refused('getRealtimeUsers', { group: 'tea room' }, { startKey: { cursor: 'forged' } }),
      ];
      assert.deepEqual(answers.map(({ code }) => code), Array(3).fill('INVALID_PARAMETER'), JSON.stringify(answers));
      assert.match(answers[0].message, /group/);
    });

    test('have names for the client that looks them up', async () => {
      const found = await ann.evaluate((ids) => me.pipit.getUsers({ searchFor: 'user_id', value: ids }), people.slice(0, 2).map(({ user }) => user));
      assert.deepEqual(found.list.map(({ user_id: id }) => id), people.slice(0, 2).map(({ user }) => user));
    });
  });
}
