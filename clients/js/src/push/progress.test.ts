import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipitError } from '../errors.js';
import type { PushProgress } from '../types.js';
import { showProgress } from './progress.js';

const COUNTS = { reached: 3, waiting: 3, delivered: 0, gone: 0, refused: 0, expired: 0 };
const busy = (details: object) => new PipitError('ERROR', 'No.', { reason: 'rate_limited', retry: true, ...details });

/** A server that gives the answers in turn, the last one for ever. What is an error is thrown. */
async function watch(answers: unknown[], stopAfter = Infinity) {
  const waits: number[] = [];
  const shown: PushProgress[] = [];
  const paths: string[] = [];
  const link = {
    ask: async (_op: string, _members: object, request: () => { path: string }) => {
      paths.push(request().path);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    wait: async (ms: number) => void waits.push(ms),
    callOut: (call: () => void) => call(),
  };
  await showProgress(link, '417', (progress) => void shown.push(progress), () => waits.length > stopAfter);
  return { waits, shown, paths };
}

const delivered = ({ shown }: { shown: PushProgress[] }) => shown.map((progress) => progress.delivered);

test('it is shown at once, then whenever it has changed, and no more when it is finished', async () => {
  const finished = { ...COUNTS, waiting: 0, delivered: 2, gone: 1, finished: true };
  const { shown, paths, waits } = await watch([{ ...COUNTS, finished: false }, { ...COUNTS, finished: false }, finished]);
  assert.deepEqual(shown, [
    { push: '417', reached: 0, waiting: 0, delivered: 0, gone: 0, refused: 0, expired: 0, finished: false },
    { push: '417', ...COUNTS, finished: false },
    { push: '417', ...finished },
  ]);
  assert.deepEqual(paths, Array(3).fill('push/sent?push=417'));
  assert.deepEqual(waits, [200, 300, 450]);
});

test('it is given up after 10 minutes, with a word', async () => {
  const { shown, waits } = await watch([{ ...COUNTS, finished: false }]);
  const watchedMs = waits.reduce((sum, ms) => sum + ms, 0);
  assert.ok(watchedMs >= 600_000 && watchedMs < 606_000, `${watchedMs} ms`);
  assert.equal(Math.max(...waits), 5_000);
  assert.equal(shown.at(-1)?.error?.reason, 'timeout');
  assert.equal(shown.length, 3);
});

test('a stop ends it without a word', async () => {
  const { shown, paths } = await watch([{ ...COUNTS, finished: false }], 2);
  assert.deepEqual([shown.length, paths.length], [2, 2]);
});

test('a server that is busy is asked again, not before it says', async () => {
  const asked = await watch([busy({ retry_after_ms: 3_000 }), busy({}), { ...COUNTS, delivered: 3, waiting: 0, finished: true }]);
  assert.deepEqual(delivered(asked), [0, 3]);
  assert.deepEqual(asked.waits, [200, 4_500, 5_000]);
});

test('an error that does not pass is shown with what was known, and ends it', async () => {
  const unknown = new PipitError('NOT_EXISTS', 'No.', { reason: 'push_not_found', retry: false });
  const { shown } = await watch([{ ...COUNTS, delivered: 1, finished: false }, unknown]);
  assert.deepEqual(shown.map(({ error, delivered }) => [delivered, error?.reason]), [[0, undefined], [1, undefined], [1, 'push_not_found']]);
});

for (const answer of [undefined, {}, { ...COUNTS }, { ...COUNTS, gone: '1', finished: true }]) {
  test(`an answer that is no progress ends it: ${JSON.stringify(answer)}`, async () => {
    const { shown } = await watch([answer]);
    assert.deepEqual(shown.map(({ error }) => error?.reason), [undefined, 'bad_answer']);
  });
}
