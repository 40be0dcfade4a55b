import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteLength, toFrames } from './batch.js';

test('nothing to send makes no frame', () => {
  assert.deepEqual(toFrames([], 10), []);
});

test('commands that fit exactly share a frame, the newline counted', () => {
  assert.deepEqual(toFrames(['abcd', 'efgh'], 9), ['abcd\nefgh']);
  assert.deepEqual(toFrames(['abcd', 'efgh'], 8), ['abcd', 'efgh']);
});

test('the limit is bytes of UTF-8, not characters', () => {
  assert.equal(byteLength('é🍵'), 6);
  assert.deepEqual(toFrames(['éé', 'éé'], 8), ['éé', 'éé']);
});

test('what is too long by itself has a frame of its own', () => {
  assert.deepEqual(toFrames(['a', 'bbbbbb', 'c', 'd'], 3), ['a', 'bbbbbb', 'c\nd']);
});

test('for any sizes, order and content are kept and no frame of several is too long', () => {
  for (let framesMax = 1; framesMax < 12; framesMax += 1) {
    const commands = Array.from({ length: 40 }, (_, i) => 'x'.repeat(1 + ((i * 7) % 5)) + (i % 10));
    const frames = toFrames(commands, framesMax);
    assert.equal(frames.join('\n'), commands.join('\n'));
    for (const frame of frames) assert.ok(frame.length <= framesMax || !frame.includes('\n'), frame);
  }
});
