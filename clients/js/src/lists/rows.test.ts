import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../testing/random.js';
import { applied, areRows, difference } from './rows.js';
import type { Row } from './rows.js';
import type { WatchEvent } from '../core/wire.js';

const row = (group: string, number_of_users = 1): Row => ({ group, number_of_users });
const event = (gone: unknown, put: unknown) => ({ kind: 'watch', watch: 'W', version: 2, gone, put, endOfList: true }) as WatchEvent;
const names = (rows: readonly Row[] | undefined) => rows?.map(({ group }) => group).join(' ');

for (const list of [undefined, {}, [null], [1], ['group'], [{}], [{ group: 5 }], [{ cid: 'a' }], [row('a'), row('a')]]) {
  test(`these are no rows: ${JSON.stringify(list)}`, () => assert.equal(areRows(list, 'group'), false));
}

const list = [row('a'), row('b'), row('c')];
for (const [name, gone, put] of [
  ['no arrays', 5, []],
  ['no arrays either', [], {}],
  ['a row that was not there goes', ['d'], []],
  ['what is put has no place', [], [row('d')]],
  ['what is put is no row', [], [[0, 'd']]],
  ['what is put has no name', [], [[0, {}]]],
  ['one row is put twice', [], [[0, row('d')], [1, row('d')]]],
  ['the place is behind the end', [], [[4, row('d')]]],
  ['the place is behind the end after what went', ['a', 'b'], [[2, row('d')]]],
  ['the place is before the begin', [], [[-1, row('d')]]],
  ['the place is no whole number', [], [[0.5, row('d')]]],
] as const) {
  test(`an event does not fit: ${name}`, () => assert.equal(applied(list, event(gone, put), 'group'), undefined));
}

test('rows go, move, change and come in one event, and the list before stays as it was', () => {
  const now = applied(list, event(['b'], [[0, row('c', 2)], [2, row('d')]]), 'group');
  assert.deepEqual(now, [row('c', 2), row('a'), row('d')]);
  assert.equal(names(list), 'a b c');
});

test('the difference tells who came, went and changed, not who moved', () => {
  const now = [row('d'), row('c'), row('a', 2)];
  assert.deepEqual(difference(list, now, 'group'), { added: [row('d')], removed: [row('b')], changed: [row('a', 2)] });
  assert.deepEqual(difference(list, [...list].reverse(), 'group'), { added: [], removed: [], changed: [] });
});

function randomList(random: Random): Row[] {
  const rows: Row[] = [];
  for (const group of 'abcdefghij') if (random.below(2) === 0) rows.splice(random.below(rows.length + 1), 0, row(group, random.below(3)));
  return rows;
}

/** The event that leads from one list to the other, written as a server may: rows that stay in place may be put all the same. */
function eventBetween(before: Row[], now: Row[], random: Random): WatchEvent {
  const stays = (item: Row) => before.some((old) => old.group === item.group && old.number_of_users === item.number_of_users);
  // Only rows that stay in the same order relative to each other may be left out of `put`.
  let place = -1;
  const put = now.flatMap((item, index) => {
    const at = before.findIndex(({ group }) => group === item.group);
    if (!stays(item) || at < place || random.below(5) === 0) return [[index, item]];
    place = at;
    return [];
  });
  return event(before.filter(({ group }) => !now.some((item) => item.group === group)).map(({ group }) => group), put);
}

test('2,000 random changes, sent as events, give the list that the server has', () => {
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const random = new Random(seed);
    const [before, now] = [randomList(random), randomList(random)];
    const received = JSON.parse(JSON.stringify(eventBetween(before, now, random)));
    assert.deepEqual(applied(before, received, 'group'), now, `seed ${seed}`);
    const { added, removed, changed } = difference(before, now, 'group');
    const left = before.filter(({ group }) => !removed.some((gone) => gone.group === group));
    const updated = left.map((item) => changed.find(({ group }) => group === item.group) ?? item);
    const sorted = (rows: Row[]) => rows.map((item) => JSON.stringify(item)).sort();
    assert.deepEqual(sorted([...updated, ...added]), sorted(now), `seed ${seed}`);
  }
});
