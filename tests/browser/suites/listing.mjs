// Lists of groups and members, asked for once, over the connection and without one. Nobody else is on the server.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AppSite } from '../support/app_site.mjs';
import { openPage } from '../support/browsers.mjs';
import { Server } from '../support/server.mjs';

// Users by group. Names come in the order of their code points, an é and an emoji behind every letter.
const TOWN = { Tea: 1, chess: 2, tea: 3, 'tea for two': 2, 'tea room': 1, é: 1, '🫖': 1 };
const BY_NAME = Object.keys(TOWN);
const BY_NUMBER = ['Tea', 'tea room', 'é', '🫖', 'chess', 'tea for two', 'tea'];

const name = (value, condition) => ({ searchFor: 'group', value, condition });
const number = (value, condition) => ({ searchFor: 'number_of_users', value, condition });
// [the arguments, the names that come]
const SEARCHES = [
  [undefined, BY_NAME],
  [{ searchFor: 'group' }, BY_NAME],
  [name('tea'), ['tea']],
  [name('tea', '='), ['tea']],
  [name('tea', 'eq'), ['tea']],
  [name('tea', '!='), BY_NAME.filter((group) => group !== 'tea')],
  [name('tea', 'ne'), BY_NAME.filter((group) => group !== 'tea')],
  [name('tea', '>'), ['tea for two', 'tea room', 'é', '🫖']],
  [name('tea', 'gt'), ['tea for two', 'tea room', 'é', '🫖']],
  [name('tea', '>='), ['tea', 'tea for two', 'tea room']],
  [name('tea', 'gte'), ['tea', 'tea for two', 'tea room']],
  [name('tea', '<'), ['Tea', 'chess']],
  [name('tea', 'lt'), ['Tea', 'chess']],
  [name('tea', '<='), ['Tea', 'chess', 'tea']],
  [name('tea', 'lte'), ['Tea', 'chess', 'tea']],
  [{ searchFor: 'group', value: 'chess', range: 'tea' }, ['chess', 'tea']],
  [{ searchFor: 'group', value: 'é', range: '🫖' }, ['é', '🫖']],
  [name('coffee'), []],
  [{ searchFor: 'number_of_users' }, BY_NUMBER],
  [number(2), ['chess', 'tea for two']],
  [number(2, '!='), ['Tea', 'tea room', 'é', '🫖', 'tea']],
  [number(1, '>'), ['chess', 'tea for two', 'tea']],
  [number(2, '>='), ['chess', 'tea for two', 'tea']],
  [number(2, '<'), ['Tea', 'tea room', 'é', '🫖']],
  [number(2, 'lte'), ['Tea', 'tea room', 'é', '🫖', 'chess', 'tea for two']],
  [{ searchFor: 'number_of_users', value: 2, range: 3 }, ['chess', 'tea for two', 'tea']],
  [number(4, '>='), []],
];

// [which call, its arguments, what it is refused with]
const REFUSALS = [
  ['Groups', [7], '"params" must be an object: { searchFor, value, condition, range }, not a number.'],
  ['Groups', [{ group: 'tea' }], '"group" is no member of "params". Allowed: searchFor, value, condition, range.'],
  ['Groups', [{ searchFor: 'name' }], '"searchFor" must be one of group, number_of_users.'],
  ['Groups', [{ value: 'tea' }], '"value" needs "searchFor".'],
  ['Groups', [{ searchFor: 'group', condition: '>' }], '"condition" needs a "value".'],
  ['Groups', [name('tea', 'like')], '"condition" must be one of =, !=, >, >=, <, <=, eq, ne, gt, gte, lt, lte.'],
  ['Groups', [{ ...name('a', '>'), range: 'b' }], '"range" cannot be used with "condition".'],
  ['Groups', [name('🫖'.repeat(64))], '"value" must be a string of at most 255 bytes of UTF-8, without lone surrogates.'],
  ['Groups', [null, { limit: 0 }], '"limit" must be a whole number from 1 to 1000, not 0.'],
  ['Groups', [null, { limit: 1001 }], '"limit" must be a whole number from 1 to 1000, not 1001.'],
  ['Groups', [null, { fetchMore: 'yes' }], '"fetchMore" must be a boolean, not a string.'],
  ['Groups', [null, { progress: 1 }], '"progress" must be a function, not a number.'],
  [
    'Groups',
    [null, { page: 2 }],
    '"page" is no member of "fetchOptions". Allowed: limit, fetchMore, ascending, startKey, progress.',
  ],
  [
    'Groups',
    [null, { startKey: { cursor: 'AAAA' } }],
    '"startKey" must be from an earlier answer to the same question, unchanged.',
  ],
  ['Users', [{ group: '' }], '"group" must have 1 to 255 bytes of UTF-8 without control characters.'],
  ['Users', [{ group: 'tea', user_id: '' }], '"user_id" must have 1 to 255 bytes of UTF-8 without control characters.'],
];
const pipitError = (code, reason, message) => ({ name: 'PipitError', code, message, reason });
const NO_GROUP = pipitError('INVALID_REQUEST', 'no_group', `No group is joined. Run joinRealtime('...') or name the "group".`);
const NOT_PERMITTED = pipitError('INVALID_REQUEST', 'not_permitted', 'No permission to see this.');

export function listing({ browser, inPage, scheme, bundle }) {
  describe('groups', () => {
    for (const way of ['over the connection', 'over HTTP']) {
      test(`are found by name and by number of users, ${way}`, async () => {
        const found = await inPage(
          async (town, searches, connects) => {
            await people.fill(town);
            const eve = new Person();
            if (connects) await eve.connect();
            const ask = async (params, ascending) => {
              const { list } = await eve.pipit.getRealtimeGroups(params, ascending ? undefined : { ascending });
              return list.map(({ group }) => group);
            };
            return Promise.all(searches.map(async (params) => [await ask(params, true), await ask(params, false)]));
          },
          TOWN,
          SEARCHES.map(([params]) => params),
          way === 'over the connection',
        );
        const wanted = SEARCHES.map(([, groups]) => [groups, groups.toReversed()]);
        for (const [index, [params]] of SEARCHES.entries()) assert.deepEqual(found[index], wanted[index], JSON.stringify(params));
      });
    }

    test('tell how many users are in them, somebody with two windows counted once', async () => {
      const list = await inPage(async () => {
        const { tea } = await people.fill({ tea: 2 });
        const again = await new Person(tea[0].user).connect();
        await again.join('tea');
        return (await again.pipit.getRealtimeGroups()).list;
      });
      assert.deepEqual(list, [{ group: 'tea', number_of_users: 2 }]);
    });

    test('come page by page, as far as the end and nothing after it', async () => {
      const { pages, progress, again } = await inPage(async (town) => {
        await people.fill(town);
        const [eve] = await people.connect('Eve');
        const progress = [];
        const onwards = { limit: 3, fetchMore: true, progress: (made) => progress.push(made) };
        const next = (params, options) => eve.pipit.getRealtimeGroups(params, { ...onwards, ...options });
        const pages = [await next(), await next(), await next(), await next(null)];
        return { pages, progress, again: [await next({ searchFor: 'group' }), await next(null, { fetchMore: false })] };
      }, TOWN);
      const groups = ({ list }) => list.map(({ group }) => group);
      const texts = pages.slice(0, 2).map(({ startKey }) => JSON.stringify(startKey));
      assert.deepEqual(pages.map(groups), [BY_NAME.slice(0, 3), BY_NAME.slice(3, 6), BY_NAME.slice(6), []]);
      assert.deepEqual(pages.map(({ endOfList }) => endOfList), [false, false, true, true]);
      assert.deepEqual(pages.map(({ startKey }) => startKey).slice(2), ['end', 'end']);
      assert.deepEqual(pages[2].startKeyHistory, [...texts, 'end']);
      assert.deepEqual(pages[3].startKeyHistory, [...texts, 'end']);
      assert.deepEqual(again.map(groups), [BY_NAME.slice(0, 3), BY_NAME.slice(0, 3)]);
      assert.deepEqual(progress.slice(0, 3), [3, 3, 1].map((loaded) => ({ status: 'success', loaded, total: 3 })));
    });

    test('can be gone back to by a start key, which other clients may use too', async () => {
      const [back, onwards, others] = await inPage(async (town) => {
        await people.fill(town);
        const [eve, fay] = await people.connect('Eve', 'Fay');
        const ask = (person, options) => person.pipit.getRealtimeGroups(null, { limit: 2, ...options });
        await ask(eve);
        await ask(eve, { fetchMore: true });
        const { startKeyHistory } = await ask(eve, { fetchMore: true });
        const startKey = JSON.parse(startKeyHistory[0]);
        return [await ask(eve, { startKey }), await ask(eve, { fetchMore: true }), await ask(fay, { startKey })];
      }, TOWN);
      const groups = ({ list }) => list.map(({ group }) => group);
      assert.deepEqual([back, onwards, others].map(groups), [BY_NAME.slice(2, 4), BY_NAME.slice(4, 6), BY_NAME.slice(2, 4)]);
    });
  });

  describe('members', () => {
    test('are the connections, by user, of all or of one', async () => {
      const { members, all, back, joined, one, none, refused } = await inPage(async () => {
        const { tea } = await people.fill({ tea: 3, chess: 1 });
        const again = await new Person(tea[0].user).connect();
        await again.join('tea');
        const ask = async (params, options) => (await again.pipit.getRealtimeUsers(params, options)).list;
        const members = [...tea, again].map(({ user, cid }) => ({ user_id: user, cid }));
        const all = await ask({ group: 'tea' });
        const back = await ask({ group: 'tea' }, { ascending: false });
        const joined = await ask();
        const one = await ask({ group: 'tea', user_id: again.user });
        const none = await ask({ group: 'coffee' });
        await again.join('');
        return { members, all, back, joined, one, none, refused: await refusal(() => ask()) };
      });
      const byCid = (list) => list.toSorted((a, b) => (a.cid < b.cid ? -1 : 1));
      assert.deepEqual(byCid(all), byCid(members));
      assert.deepEqual(all.map(({ user_id: user }) => user), members.map(({ user_id: user }) => user).sort());
      assert.deepEqual(back, all.toReversed());
      assert.deepEqual(joined, all);
      assert.deepEqual(one, all.filter(({ user_id: user }) => user === members.at(-1).user_id));
      assert.equal(one.length, 2);
      assert.deepEqual(none, []);
      assert.deepEqual(refused, NO_GROUP);
    });

    test('of the joined group go on page by page when another is joined meanwhile', async () => {
      const { tea, pages } = await inPage(async () => {
        const { tea } = await people.fill({ tea: 3 });
        const next = async (params) => (await tea[0].pipit.getRealtimeUsers(params, { limit: 2, fetchMore: true })).list;
        const first = await next();
        await tea[0].join('chess');
        return { tea: tea.slice(1).map(({ cid }) => cid), pages: [first, await next({ group: 'tea' })] };
      });
      const seen = new Set(pages.flat().map(({ cid }) => cid));
      assert.deepEqual(tea.filter((cid) => !seen.has(cid)), []);
    });
  });

  for (const way of ['over the connection', 'over HTTP']) {
    test(`a wrong argument is refused by its name, ${way}`, async () => {
      const refused = await inPage(
        async (calls, connects) => {
          const eve = new Person();
          if (connects) await eve.connect();
          return Promise.all(calls.map(([call, values]) => refusal(() => eve.pipit[`getRealtime${call}`](...values))));
        },
        REFUSALS,
        way === 'over the connection',
      );
      const wanted = REFUSALS.map(([, , text]) => pipitError('INVALID_PARAMETER', 'invalid_parameter', text));
      assert.deepEqual(refused, wanted);
    });
  }

  test('who may not see it is refused, over the connection and over HTTP', async () => {
    const strict = await Server.start(scheme, { 'access.list': 'admins' });
    const site = await AppSite.start(strict);
    const tab = await openPage(browser(), `${site.origin}/${bundle}`);
    const refusals = await tab.evaluate(async () => {
      const eve = new Person();
      const all = async () => [
        await refusal(() => eve.pipit.getRealtimeGroups()),
        await refusal(() => eve.pipit.getRealtimeUsers({ group: 'tea' })),
      ];
      const overHttp = await all();
      await eve.connect();
      await eve.join('tea');
      const overSocket = await all();
      const watched = [await refusal(() => eve.watch('Groups')), await refusal(() => eve.watch('Users'))];
      await people.part();
      return [...overHttp, ...overSocket, ...watched];
    });
    await tab.close();
    site.stop();
    await strict.stop();
    assert.deepEqual(refusals, Array(6).fill(NOT_PERMITTED));
  });

  test('over HTTP a page of an allowed origin gets the list, a page of another does not', async () => {
    const strict = await Server.start(scheme, { 'server.dev': false });
    const site = await AppSite.start(strict);
    await strict.end();
    strict.changeSettings({ 'server.allowed_origins': site.origin });
    await strict.start();
    const ask = async (origin) => {
      const tab = await openPage(browser(), `${origin}/${bundle}`);
      const answer = await tab.evaluate(() => new Person().pipit.getRealtimeGroups().catch(({ code, reason }) => [code, reason]));
      await tab.close();
      return answer;
    };
    const answers = [await ask(site.origin), await ask(site.origin.replace('127.0.0.1', 'localhost'))];
    site.stop();
    await strict.stop();
    const nobody = { list: [], startKey: 'end', endOfList: true, startKeyHistory: ['end'] };
    assert.deepEqual(answers, [nobody, ['ERROR', 'unreachable']]);
  });
}
