import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipitError } from '../errors.js';
import { Pages } from './pages.js';
import { checkFetchOptions } from './questions.js';
import type { Question } from './link.js';

const rowsOf = (...numbers: number[]) => numbers.map((n) => ({ n }));
const key = (n: number) => ({ cursor: String(n) });
const text = (n: number) => JSON.stringify(key(n));

/** A list of the numbers 1 to `size`, as a server would give it: at most `pieceMax` rows at a time. */
function setUp({ size = 7, pieceMax = 1_000 } = {}) {
  const asked: Question[] = [];
  const waits: number[] = [];
  /** What the server answers in place of rows, in turn. */
  const answers: unknown[] = [];
  const list = {
    asked,
    waits,
    answers,
    pages: new Pages(
      async (_list, question) => {
        asked.push(question);
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        if (answer !== undefined) return answer;
        const after = Number((question.startKey as { cursor?: string } | undefined)?.cursor ?? 0);
        const last = Math.min(size, after + Math.min(pieceMax, Number(question.limit ?? 50)));
        const rows = Array.from({ length: last - after }, (_, i) => ({ n: after + i + 1 }));
        return { list: rows, startKey: last === size ? 'end' : key(last) };
      },
      async (ms) => void waits.push(ms),
    ),
    fetch: (options: object = {}, params: Question = {}) => list.pages.fetch('groups', params, checkFetchOptions(options)),
    numbers: async (options?: object, params?: Question) => (await list.fetch(options, params)).list.map((row) => (row as { n: number }).n),
  };
  return list;
}

const limited = (retry_after_ms?: number) =>
  new PipitError('ERROR', 'Too many.', { reason: 'rate_limited', retry: true, ...(retry_after_ms === undefined ? {} : { retry_after_ms }) });

for (const answer of [null, 5, {}, { list: {}, startKey: 'end' }, { list: [] }, { list: [], startKey: null }, { list: [], startKey: 'start' }]) {
  test(`an answer that is no page is refused: ${JSON.stringify(answer)}`, async () => {
    const list = setUp();
    list.answers.push(answer);
    await assert.rejects(list.fetch(), /gave an answer that is no list/);
  });
}

test('a server that gives the same startKey again is not asked for ever', async () => {
  const list = setUp();
  list.answers.push({ list: [], startKey: key(1) }, { list: [], startKey: key(1) });
  await assert.rejects(list.fetch(), /same startKey again/);
  assert.equal(list.asked.length, 2);
});

test('a refusal is the caller\'s, and the next call begins where this one did', async () => {
  const list = setUp();
  await list.fetch({ limit: 3 });
  const refusal = new PipitError('INVALID_REQUEST', 'No.', { reason: 'not_permitted' });
  list.answers.push(refusal, refusal);
  await assert.rejects(list.fetch({ limit: 3, fetchMore: true }), refusal);
  await assert.rejects(list.fetch({ limit: 3 }), refusal);
  assert.deepEqual(await list.numbers({ limit: 3, fetchMore: true }), [4, 5, 6]);
});

test('a page has what the contract says', async () => {
  const list = setUp({ size: 2 });
  assert.deepEqual(await list.fetch({ limit: 1 }), { list: rowsOf(1), startKey: key(1), endOfList: false, startKeyHistory: [text(1)] });
  const last = { list: rowsOf(2), startKey: 'end', endOfList: true, startKeyHistory: [text(1), 'end'] };
  assert.deepEqual(await list.fetch({ limit: 1, fetchMore: true }), last);
});

test('after the end there is an empty page, without asking', async () => {
  const list = setUp({ size: 2 });
  await list.fetch();
  for (let i = 0; i < 2; i += 1) {
    assert.deepEqual(await list.fetch({ fetchMore: true }), { list: [], startKey: 'end', endOfList: true, startKeyHistory: ['end'] });
  }
  assert.equal(list.asked.length, 1);
});

test('fetchMore before anything was fetched is the first page, and without it the list begins anew', async () => {
  const list = setUp();
  assert.deepEqual(await list.numbers({ limit: 3, fetchMore: true }), [1, 2, 3]);
  assert.deepEqual(await list.numbers({ limit: 3, fetchMore: true }), [4, 5, 6]);
  assert.deepEqual(await list.numbers({ limit: 2 }), [1, 2]);
  assert.deepEqual((await list.fetch({ limit: 2, fetchMore: true })).startKeyHistory, [text(2), text(4)]);
});

test('another limit goes on in the same query; other params, order or list do not', async () => {
  const list = setUp();
  assert.deepEqual(await list.numbers({ limit: 2 }, { value: 'a' }), [1, 2]);
  assert.deepEqual(await list.numbers({ limit: 3, fetchMore: true }, { value: 'a' }), [3, 4, 5]);
  assert.deepEqual(await list.numbers({ limit: 1, fetchMore: true }, { value: 'b' }), [1]);
  assert.deepEqual(await list.numbers({ limit: 1, fetchMore: true, ascending: false }, { value: 'a' }), [1]);
  assert.deepEqual(await list.numbers({ limit: 1, fetchMore: true, ascending: true }, { value: 'a' }), [6]);
  const users = await list.pages.fetch('users', { value: 'a' }, checkFetchOptions({ limit: 1, fetchMore: true }));
  assert.deepEqual(users.list, rowsOf(1));
});

test('calls at the same time get a page each, in the order of the calls', async () => {
  const list = setUp();
  const pages = await Promise.all([1, 2, 3, 4].map(() => list.numbers({ limit: 2, fetchMore: true })));
  assert.deepEqual(pages, [[1, 2], [3, 4], [5, 6], [7]]);
});

test('a call that fails does not hold up those behind it', async () => {
  const list = setUp();
  list.answers.push(new PipitError('ERROR', 'No.'));
  const [failed, next] = await Promise.allSettled([list.numbers({ limit: 2 }), list.numbers({ limit: 2, fetchMore: true })]);
  assert.equal(failed!.status, 'rejected');
  assert.deepEqual(next, { status: 'fulfilled', value: [1, 2] });
});

test('a startKey is gone on from, and fetchMore then from there', async () => {
  const list = setUp();
  assert.deepEqual((await list.fetch({ limit: 2, startKey: key(3) })).startKeyHistory, [text(3), text(5)]);
  const more = await list.fetch({ limit: 1, fetchMore: true });
  assert.deepEqual([more.list, more.startKeyHistory], [rowsOf(6), [text(3), text(5), text(6)]]);
  const end = await list.fetch({ startKey: 'end' });
  assert.deepEqual(end, { list: [], startKey: 'end', endOfList: true, startKeyHistory: ['end'] });
});

test('going back to a startKey of the history forgets those after it', async () => {
  const list = setUp();
  for (let i = 0; i < 3; i += 1) await list.fetch({ limit: 2, fetchMore: true });
  const back = await list.fetch({ limit: 1, startKey: key(2) });
  assert.deepEqual(back.list, rowsOf(3));
  assert.deepEqual(back.startKeyHistory, [text(2), text(3)]);
  assert.deepEqual(await list.numbers({ limit: 1, fetchMore: true }), [4]);
});

test('a startKey that is not of this walk begins another one', async () => {
  const list = setUp();
  for (let i = 0; i < 2; i += 1) await list.fetch({ limit: 2, fetchMore: true });
  assert.deepEqual((await list.fetch({ limit: 1, startKey: key(3) })).startKeyHistory, [text(3), text(4)]);
});

test('of a walk of many pages the newest 1,000 can be gone back to', async () => {
  const list = setUp({ size: 2_000 });
  for (let i = 0; i < 1_000; i += 1) await list.fetch({ limit: 1, fetchMore: true });
  const { startKeyHistory } = await list.fetch({ limit: 1, fetchMore: true });
  assert.deepEqual([startKeyHistory.length, startKeyHistory[0], startKeyHistory.at(-1)], [1_000, text(2), text(1_001)]);
  assert.deepEqual((await list.fetch({ limit: 1, startKey: key(3) })).startKeyHistory, [text(2), text(3), text(4)]);
});

test('an answer that the application changes does not change the next one', async () => {
  const list = setUp();
  const first = await list.fetch({ limit: 1 });
  (first.startKey as { cursor: string }).cursor = '5';
  first.startKeyHistory.push('end');
  assert.deepEqual((await list.fetch({ limit: 1, fetchMore: true })).startKeyHistory, [text(1), text(2)]);
});

test('pieces are put together until the page is full', async () => {
  const list = setUp({ pieceMax: 2 });
  const progress: unknown[] = [];
  const page = await list.fetch({ limit: 5, progress: (told: unknown) => progress.push(told) });
  assert.deepEqual(page.list, rowsOf(1, 2, 3, 4, 5));
  assert.deepEqual(page.startKeyHistory, [text(5)]);
  assert.deepEqual(list.asked.map(({ limit }) => limit), [5, 3, 1]);
  assert.deepEqual(progress, [2, 4, 5].map((loaded) => ({ status: 'success', loaded, total: 5 })));
  assert.deepEqual(await list.numbers({ limit: 5, fetchMore: true }), [6, 7]);
});

test('a piece without rows is not the end', async () => {
  const list = setUp();
  list.answers.push({ list: [], startKey: key(4) });
  assert.deepEqual(await list.numbers(), [5, 6, 7]);
  assert.deepEqual(list.asked, [{}, { limit: 50, startKey: key(4) }]);
});

test('a server that slows a page down is given its time, but the first question is refused, and not for ever', async () => {
  const list = setUp({ pieceMax: 4 });
  list.answers.push(limited());
  await assert.rejects(list.fetch(), /Too many/);
  list.answers.push(undefined, limited(70), limited());
  assert.deepEqual(await list.numbers(), [1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(list.waits, [70, 1_000]);
  list.answers.push(undefined, ...Array.from({ length: 6 }, () => limited()));
  await assert.rejects(list.fetch(), /Too many/);
  assert.equal(list.waits.length, 2 + 5);
});

test('the 100 queries used last are remembered, and those under way', async () => {
  const list = setUp();
  const fetch = (value: number) => list.numbers({ limit: 1, fetchMore: true }, { value });
  for (let value = 0; value < 100; value += 1) await fetch(value);
  assert.deepEqual(await fetch(0), [2]);
  await fetch(100);
  assert.deepEqual(await fetch(0), [3]);
  assert.deepEqual(await fetch(1), [1]);
  const many = Array.from({ length: 150 }, (_, i) => 1_000 + i);
  await Promise.all(many.map(fetch));
  assert.deepEqual(await Promise.all(many.slice(-100).map(fetch)), Array(100).fill([2]));
});

/** A history of the messages 1 to 7, as a server would give it: the newest first, each page in order. */
function setUpHistory({ pieceMax = 1_000 } = {}) {
  const asked: Question[] = [];
  const pages = new Pages(
    async (_list, question) => {
      asked.push(question);
      const before = (question.before as { offset: number } | undefined)?.offset ?? 8;
      const first = Math.max(1, before - Math.min(pieceMax, Number(question.limit ?? 50)));
      const rows = Array.from({ length: before - first }, (_, i) => ({ n: first + i }));
      return { list: rows, startKey: first === 1 ? 'end' : { epoch: 'e', offset: first } };
    },
    async () => {},
  );
  const page = async (options: object) => {
    const { list, startKey, endOfList } = await pages.fetch('history', { group: 'tea' }, checkFetchOptions(options));
    return [list.map((row) => (row as { n: number }).n), startKey, endOfList];
  };
  return { asked, page };
}

test('a history is walked from its end, and each page has the oldest message first', async () => {
  const { asked, page } = setUpHistory();
  assert.deepEqual(await page({ limit: 3 }), [[5, 6, 7], { epoch: 'e', offset: 5 }, false]);
  assert.deepEqual(await page({ limit: 3, fetchMore: true }), [[2, 3, 4], { epoch: 'e', offset: 2 }, false]);
  assert.deepEqual(await page({ limit: 3, fetchMore: true }), [[1], 'end', true]);
  assert.deepEqual(await page({ startKey: { epoch: 'e', offset: 2 } }), [[1], 'end', true]);
  assert.deepEqual(asked.map(({ before }) => before), [undefined, { epoch: 'e', offset: 5 }, { epoch: 'e', offset: 2 }, { epoch: 'e', offset: 2 }]);
});

test('a page of a history that comes in pieces is put together in order', async () => {
  const { asked, page } = setUpHistory({ pieceMax: 2 });
  assert.deepEqual(await page({ limit: 5 }), [[3, 4, 5, 6, 7], { epoch: 'e', offset: 3 }, false]);
  assert.deepEqual(asked.map(({ limit }) => limit), [5, 3, 1]);
});
