import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetOf, windowFor } from './target.js';

const SCOPE = 'https://app.example.org/chat/';

for (const [url, target] of [
  ['/rooms/tea', 'https://app.example.org/rooms/tea'],
  ['tea?x=1#end', 'https://app.example.org/chat/tea?x=1#end'],
  ['https://app.example.org/a', 'https://app.example.org/a'],
  ['https://docs.example.org/a', 'https://docs.example.org/a'],
  ['https://evil.example/a', SCOPE],
  ['//evil.example/a', SCOPE],
  ['http://app.example.org/a', SCOPE],
  ['javascript:alert(1)', SCOPE],
  ['data:text/html,x', SCOPE],
  ['blob:https://app.example.org/1', SCOPE],
  ['https://', SCOPE],
  ['', SCOPE],
  [5, SCOPE],
  [undefined, SCOPE],
] as const) {
  test(`a click on ${url} leads to ${target}`, () =>
    assert.equal(targetOf({ url }, '', SCOPE, ['https://docs.example.org']), target));
}

test('a button leads where it says, or where the notification does', () => {
  const payload = { url: '/tea', actions: [null, { action: 'go', url: '/go' }, { action: 'look' }] };
  const targets = ['', 'go', 'look', 'other'].map((action) => new URL(targetOf(payload, action, SCOPE, [])).pathname);
  assert.deepEqual(targets, ['/tea', '/go', '/tea', '/tea']);
  for (const actions of ['x', 5, [5, 'go']]) assert.equal(targetOf({ actions }, 'go', SCOPE, []), SCOPE);
});

const windows = [{ url: `${SCOPE}tea#top` }, { url: `${SCOPE}tea` }, { url: `${SCOPE}den` }, { url: 'https://app.example.org/' }];

for (const [target, index] of [
  [`${SCOPE}tea`, 1],
  [`${SCOPE}tea#end`, 0],
  [`${SCOPE}den`, 2],
  [`${SCOPE}chess`, undefined],
  [SCOPE, 0],
] as const) {
  test(`the window for ${target} is ${index}`, () =>
    assert.equal(windowFor(windows, target, SCOPE), index === undefined ? undefined : windows[index]));
}
