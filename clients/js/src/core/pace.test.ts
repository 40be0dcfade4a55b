import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bucket } from '../testing/bucket.js';
import { Random } from '../testing/random.js';
import { Pace } from './pace.js';
import { defaultLimits } from './wire.js';

const limited = (commands_per_second: number, commands_burst: number) => ({ ...defaultLimits, commands_per_second, commands_burst });

test('half of the burst at once, then at the rate', () => {
  const pace = new Pace();
  pace.begin(limited(100, 200), 0);
  for (let i = 0; i < 100; i += 1) {
    assert.equal(pace.waitMs(0), 0);
    pace.spend(1, 0);
  }
  assert.equal(pace.waitMs(0), 10);
  assert.equal(pace.waitMs(4), 6);
  assert.equal(pace.waitMs(10), 0);
});

test('while an answer is missing it fills for a while only', () => {
  const pace = new Pace();
  pace.begin(limited(100, 200), 0);
  pace.spend(100, 0);
  pace.sent(1, 0);
  assert.equal(pace.waitMs(0), Infinity);
  for (let taken = 0; pace.waitMs(60_000) === 0; pace.spend(1, 60_000)) assert.ok(++taken <= 50);
  pace.answered(1, 60_000);
  assert.equal(pace.waitMs(60_000), 10);
});

test('what counts for several is owed', () => {
  const pace = new Pace();
  pace.begin(limited(10, 2), 0);
  pace.spend(10, 0);
  assert.equal(pace.waitMs(0), 1_000);
});

test('with the smallest limits it still goes on', () => {
  const pace = new Pace();
  pace.begin(limited(1, 1), 0);
  assert.equal(pace.waitMs(0), 0);
  pace.spend(1, 0);
  pace.sent(1, 0);
  assert.equal(pace.waitMs(5_000), Infinity);
  pace.answered(1, 5_000);
  assert.equal(pace.waitMs(6_000), 0);
});

test('a server with these limits refuses none of it, however the network delays and bunches it', () => {
  let sentInAll = 0;
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = new Random(seed);
    const perSecond = random.pick([1, 10, 100, 1_000]);
    const burst = random.pick([4, 20, 200, 1_000]);
    const delayMaxMs = random.pick([0, 5, 100, 1_000, 10_000]);
    const bucket = new Bucket(perSecond, burst);
    const pace = new Pace();
    pace.begin(limited(perSecond, burst), 0);
    const arriving: { id: number; cost: number; atMs: number }[] = [];
    const answers: { id: number; atMs: number }[] = [];
    let lastArrivalMs = 0;
    let lastAnswerMs = 0;
    let lastId = 0;
    for (let nowMs = 0; nowMs < 20_000; nowMs += 1 + random.below(10)) {
      while (arriving[0] !== undefined && arriving[0].atMs <= nowMs) {
        const { id, cost, atMs } = arriving.shift()!;
        assert.ok(bucket.take(cost, atMs), `seed ${seed}: command ${id} at ${atMs} ms`);
        lastAnswerMs = Math.max(lastAnswerMs, atMs + random.below(delayMaxMs + 1));
        answers.push({ id, atMs: lastAnswerMs });
      }
      while (answers[0] !== undefined && answers[0].atMs <= nowMs) pace.answered(answers.shift()!.id, nowMs);
      if (random.below(10) === 0) continue;
      while (pace.waitMs(nowMs) === 0) {
        const cost = random.below(20) === 0 ? 10 : 1;
        const id = ++lastId;
        pace.sent(id, nowMs);
        pace.spend(cost, nowMs);
        lastArrivalMs = Math.max(lastArrivalMs, nowMs + random.below(delayMaxMs + 1));
        arriving.push({ id, cost, atMs: lastArrivalMs });
      }
    }
    assert.ok(lastId > 0);
    sentInAll += lastId;
  }
  assert.ok(sentInAll > 100_000, `${sentInAll}`);
});
