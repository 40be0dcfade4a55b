import assert from 'node:assert/strict';
import { test } from 'node:test';
import catalogue from '../../../../protocol/codes.json';
import { Backoff, isTerminal, nextDelayMs } from './reconnect.js';

for (const { code, name, retry } of catalogue.closes) {
  test(`close code ${code} ${name} ${retry ? 'may be retried' : 'is terminal'}`, () => {
    assert.equal(isTerminal(code), !retry);
  });
}

test('close codes that are not in the catalogue go by their range', () => {
  for (const code of [4500, 4777, 4999]) assert.equal(isTerminal(code), true, String(code));
  for (const code of [1005, 1006, 1011, 1012, 1013, 3000, 4499, 5000]) assert.equal(isTerminal(code), false, String(code));
});

test('the delay is anywhere between 0 and a bound that doubles up to 20 s', () => {
  const bounds = [500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000];
  bounds.forEach((bound, attempt) => {
    assert.equal(nextDelayMs(attempt, 0), 0);
    assert.equal(nextDelayMs(attempt, 0.5), bound / 2);
    assert.equal(nextDelayMs(attempt, 0.999_999), bound - 1);
  });
  assert.equal(nextDelayMs(1_000_000, 0.5), 10_000);
});

test('a connection that is lost at once does not begin the back-off anew', () => {
  const backoff = new Backoff();
  backoff.opened(0);
  assert.equal(backoff.lost(9_999, 0.5), 250);
  assert.equal(backoff.attempt(), 1);
  backoff.opened(20_000);
  assert.equal(backoff.lost(29_999, 0.5), 500);
  assert.equal(backoff.attempt(), 2);
  backoff.opened(30_000);
  assert.equal(backoff.lost(40_000, 0.5), 250);
});

test('the time that a draining server told is kept, and counts once', () => {
  const backoff = new Backoff();
  backoff.opened(0);
  backoff.told(3_000, 1_000);
  assert.equal(backoff.lost(1_500, 0.5), 2_500);
  assert.equal(backoff.isTold, true);
  backoff.attempt();
  assert.equal(backoff.isTold, false);
  assert.equal(backoff.lost(4_000, 0.5), 500);
});

test('when the told time has passed already, the back-off spreads the clients', () => {
  const backoff = new Backoff();
  backoff.told(100, 0);
  assert.equal(backoff.lost(100, 0.5), 250);
  assert.equal(backoff.isTold, false);
});
