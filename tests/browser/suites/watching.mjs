// Lists that are kept up to date. Each test has groups of its own, which begin with a word of its own: a question that has been
// watched a moment ago is answered with what was known a moment ago.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

const row = (group, number) => ({ group, number_of_users: number });
const beginWith = (value) => ({ searchFor: 'group', value, condition: '>=' });
// Who goes from one group to another changes both, and each has its own thread in the server: a watch tells of them at once or,
// when it looks in between, of one after the other. This is what was told of a move, as if at once.
const atOnce = (changes) => {
  const all = (what) => changes.flatMap((change) => change[what]);
  assert.ok(changes.length <= 2, `${changes.length} changes`);
  return { ...changes.at(-1), added: all('added'), removed: all('removed'), changed: all('changed') };
};

export function watching({ inPage, openTab, server }) {
  describe('watched groups', () => {
    test('come with what there is, then with what others change', async () => {
      const tab = await openTab();
      const shows = (list) => inPage((wanted) => window.groups.shows(wanted).then(() => {}), list);
      await inPage(async (params) => {
        await people.fill({ 'town chess': 1, 'town tea': 1 });
        const [eve] = await people.connect('Eve');
        window.groups = await eve.watch('Groups', params);
        window.toldAtOnce = window.groups.told.length;
      }, beginWith('town'));
      await tab.evaluate(async () => {
        const [ben] = await people.connect('Ben');
        await ben.join('town tea');
      });
      await shows([row('town chess', 1), row('town tea', 2)]);
      await tab.evaluate(() => people.all[0].join('town coffee'));
      await shows([row('town chess', 1), row('town coffee', 1), row('town tea', 1)]);
      await tab.evaluate(() => people.part());
      const [toldAtOnce, told] = await inPage(async () => {
        await window.groups.firstThat(({ removed }) => removed.length > 0);
        return [window.toldAtOnce, window.groups.told];
      });
      await tab.close();
      const change = (list, { added = [], removed = [], changed = [] }) => ({ list, added, removed, changed, endOfList: true });
      const begin = [row('town chess', 1), row('town tea', 1)];
      const [chess, coffee, tea, two] = [row('town chess', 1), row('town coffee', 1), row('town tea', 1), row('town tea', 2)];
      assert.equal(toldAtOnce, 1);
      assert.deepEqual([...told.slice(0, 2), atOnce(told.slice(2, -1)), told.at(-1)], [
        change(begin, { added: begin }),
        change([chess, two], { changed: [two] }),
        change([chess, coffee, tea], { added: [coffee], changed: [tea] }),
        change(begin, { removed: [coffee] }),
      ]);
    });

    test('of a question are those it asks for: the busiest first, and no more than the limit', async () => {
      const [first, later] = await inPage(async () => {
        const { tea } = await people.fill({ chess: 1, coffee: 2, tea: 3 });
        const [eve] = await people.connect('Eve');
        const busiest = await eve.watch('Groups', { searchFor: 'number_of_users' }, { limit: 2, ascending: false });
        const isFirst = (name, number) => (change) => change.list[0]?.group === name && change.list[0].number_of_users === number;
        const first = await busiest.firstThat(isFirst('tea', 3));
        for (const person of tea) await person.join('chess');
        // The last of them may be in the one group before having left the other.
        return [first, await busiest.firstThat((change) => isFirst('chess', 4)(change) && change.endOfList)];
      });
      assert.deepEqual([first.list, first.endOfList], [[row('tea', 3), row('coffee', 2)], false]);
      assert.deepEqual([later.list, later.endOfList], [[row('chess', 4), row('coffee', 2)], true]);
    });

    test('are not told any more once they are stopped; another watch of the same question goes on', async () => {
      const lists = await inPage(async (params) => {
        const [eve] = await people.connect('Eve');
        const [stopped, going] = [await eve.watch('Groups', params), await eve.watch('Groups', params)];
        stopped.told[0].list.push('only mine');
        stopped.watch.stop();
        stopped.watch.stop();
        await eve.join('stop here');
        await going.firstThat(({ list }) => list.length === 1);
        return [stopped, going].map(({ told }) => told.map(({ list }) => list));
      }, beginWith('stop'));
      assert.deepEqual(lists, [[['only mine']], [[], [row('stop here', 1)]]]);
    });

    test('are refused beyond as many as a connection may have, and free their place when stopped', async () => {
      const [refused, told] = await inPage(async () => {
        const [eve] = await people.connect('Eve');
        const watch = (value) => eve.watch('Groups', { searchFor: 'group', value });
        const watches = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(watch));
        await watch('a');
        const refused = await refusal(() => watch('i'));
        watches[1].watch.stop();
        return [refused, (await watch('i')).told.length];
      });
      const text = 'This connection watches as many lists as it may. End one first.';
      assert.deepEqual(refused, { name: 'PipitError', code: 'INVALID_REQUEST', message: text, reason: 'too_many_watches' });
      assert.equal(told, 1);
    });

    test('need a connection, and a callback', async () => {
      const reasons = await inPage(async () => {
        const eve = new Person();
        const refusals = [await refusal(() => eve.watch('Groups')), await refusal(() => eve.watch('Users', { group: 'tea' }))];
        await eve.connect();
        refusals.push(await refusal(() => eve.pipit.watchRealtimeGroups()), await refusal(() => eve.watch('Users')));
        return refusals.map(({ reason }) => reason);
      });
      assert.deepEqual(reasons, ['not_connected', 'not_connected', 'callback_missing', 'no_group']);
    });

    test('end without a word when the connection is closed on purpose', async () => {
      const told = await inPage(async (params) => {
        const [ann, eve] = await people.connect('Ann', 'Eve');
        const [groups, others] = [await eve.watch('Groups', params), await ann.watch('Groups', params)];
        await eve.pipit.closeRealtime();
        await ann.join('end');
        await others.firstThat(({ list }) => list.length === 1);
        return groups.told.length;
      }, beginWith('end'));
      assert.equal(told, 1);
    });
  });

  describe('watched members', () => {
    test('come and go with their windows', async () => {
      const tab = await openTab();
      const [ann, eve] = await inPage(async () => {
        const [ann, eve] = await people.connect('Ann', 'Eve');
        await ann.join('tea');
        await eve.join('tea');
        window.members = await eve.watch('Users');
        await window.members.firstThat(({ list }) => list.length === 2);
        return [ann, eve].map(({ user, cid }) => ({ user_id: user, cid }));
      });
      const second = await tab.evaluate(async (user) => {
        const again = await new Person(user).connect();
        await again.join('tea');
        return { user_id: user, cid: again.cid };
      }, ann.user_id);
      const whenIn = (change) =>
        inPage((rows, { cid }) => window.members.firstThat((told) => told[rows].some((row) => row.cid === cid)), change, second);
      const { list: all } = await whenIn('added');
      await tab.evaluate(() => people.part());
      await tab.close();
      const left = await whenIn('removed');
      const sorted = (rows) => rows.toSorted((a, b) => (a.cid < b.cid ? -1 : 1));
      assert.deepEqual(sorted(all), sorted([ann, eve, second]));
      assert.deepEqual(left.removed, [second]);
      assert.deepEqual(sorted(left.list), sorted([ann, eve]));
    });
  });

  describe('a watched list whose connection was lost', () => {
    test('is right again afterwards, and the callback told once of all that is different', async () => {
      // Of its own, for the clock of the page is stopped: Eve is away until all is different.
      const tab = await openTab();
      const told = await tab.evaluate(async (params) => {
        const named = (name) => ({ list }) => list.length === 1 && list[0].group === name;
        const [ann, eve] = await people.connect('Ann', 'Eve');
        const [groups, others] = [await eve.watch('Groups', params), await ann.watch('Groups', params)];
        await ann.join('lost chess');
        await groups.firstThat(named('lost chess'));
        eve.told.length = 0;
        stopTheClock();
        await eve.lose();
        await ann.join('lost tea');
        await others.firstThat(named('lost tea'));
        dispatchEvent(new Event('online'));
        await eve.first('success');
        await groups.firstThat(named('lost tea'));
        await ann.join('lost coffee');
        await groups.firstThat(named('lost coffee'));
        return groups.told;
      }, beginWith('lost'));
      await tab.evaluate(() => people.part());
      await tab.close();
      const names = ({ added, removed }) => [added, removed].map((rows) => rows.map(({ group }) => group));
      const changes = [[['lost chess'], []], [['lost tea'], ['lost chess']], [['lost coffee'], ['lost tea']]];
      assert.deepEqual([...told.slice(0, 3), atOnce(told.slice(3))].map(names), [[[], []], ...changes]);
    });

    test('is right again after a restart of the server', async () => {
      await inPage(async (params) => {
        [window.ann, window.eve] = await people.connect('Ann', 'Eve');
        window.groups = await window.eve.watch('Groups', params);
        await window.ann.join('again');
        await window.groups.firstThat(({ list }) => list.length === 1);
        window.eve.told.length = window.ann.told.length = 0;
      }, beginWith('again'));
      await server().kill();
      await server().start();
      const last = await inPage(async () => {
        await Promise.all([window.ann.first('success'), window.eve.first('success')]);
        await window.ann.join('again and again');
        return window.groups.firstThat(({ list }) => list[0]?.group === 'again and again');
      });
      assert.deepEqual([last.list, last.endOfList, last.error], [[row('again and again', 1)], true, undefined]);
    });

    test('is told of the end with the reason when the connection does not come back', async () => {
      await inPage(async (params) => {
        const [eve] = await people.connect('Eve');
        window.groups = await eve.watch('Groups', params);
        await eve.join('over');
        await window.groups.firstThat(({ list }) => list.length === 1);
      }, beginWith('over'));
      await server().kill();
      server().changeSecret();
      await server().start();
      const { list, error } = await inPage(async () => {
        const { list, error } = await window.groups.firstThat((change) => change.error);
        return { list, error: { name: error.name, code: error.code } };
      });
      assert.deepEqual(error, { name: 'PipitError', code: 'INVALID_REQUEST' });
      assert.deepEqual(list, [row('over', 1)]);
    });
  });
}
