import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Token, refreshDelayMs } from './token.js';

test('a token is renewed when a tenth of its lifetime is left', () => {
  assert.equal(refreshDelayMs(3_600_000), 3_240_000);
});

test('a short lifetime keeps 10 s in hand, a very short one its half', () => {
  assert.equal(refreshDelayMs(60_000), 50_000);
  assert.equal(refreshDelayMs(20_000), 10_000);
  assert.equal(refreshDelayMs(5_000), 2_500);
  assert.equal(refreshDelayMs(0), 0);
});

test('a lifetime of years stays within what a timer can wait', () => {
  assert.equal(refreshDelayMs(1e13), 2 ** 31 - 1);
});

test('a token is usable until it is due for renewal, or discarded', () => {
  const token = new Token('a', true);
  assert.equal(token.usable(1e12), 'a');
  token.accepted(100_000, 1_000);
  assert.equal(token.usable(90_999), 'a');
  assert.equal(token.usable(91_000), undefined);
  token.replace('b');
  assert.equal(token.usable(91_000), 'b');
  token.discard();
  assert.equal(token.usable(0), undefined);
});

test('a token that cannot be renewed is used to its end', () => {
  const token = new Token('a', false);
  token.accepted(100_000, 0);
  assert.equal(token.usable(99_999), 'a');
});

test('a token that has expired is discarded, one that came in its place is not', () => {
  const token = new Token('a', true);
  token.expired('older');
  assert.equal(token.text, 'a');
  token.expired('a');
  assert.equal(token.text, undefined);
});
