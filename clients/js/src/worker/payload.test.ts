import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain, readPayload, toShown } from './payload.js';

test('what was sent is shown, with all that the browser knows, and kept whole', () => {
  const payload = {
    title: 'Tea',
    body: 'It is ready.',
    icon: '/i.png',
    image: '/p.png',
    badge: '/b.png',
    url: '/tea',
    actions: [{ action: 'go', title: 'Go', url: '/go' }],
    tag: 'tea',
    renotify: true,
    silent: false,
    requireInteraction: true,
    data: { n: 1 },
    mine: 5,
  };
  const { url: _url, data: _data, mine: _mine, title, ...options } = payload;
  assert.deepEqual(toShown(readPayload(JSON.stringify(payload)), 'example.org'), { title, options: { ...options, data: { pipit: payload } } });
});

for (const [text, title, body] of [
  ['', 'example.org', ''],
  ['Tea is ready', 'example.org', 'Tea is ready'],
  ['{"title":', 'example.org', '{"title":'],
  ['5', 'example.org', '5'],
  ['null', 'example.org', 'null'],
  ['["a"]', 'example.org', '["a"]'],
  ['{}', 'example.org', undefined],
  ['{"title":" ","body":"b"}', 'example.org', 'b'],
  ['{"title":5,"body":null}', 'example.org', undefined],
] as const) {
  test(`something is shown of ${JSON.stringify(text)}`, () => {
    const shown = toShown(readPayload(text), 'example.org');
    assert.deepEqual([shown.title, shown.options.body], [title, body]);
  });
}

test('the plain form has nothing that a browser could refuse', () => {
  const shown = toShown({ title: 'a', body: { b: 1 }, tag: 5, actions: 'x', vibrate: 'x', silent: true }, 'example.org');
  assert.deepEqual(plain(shown), { body: '[object Object]', tag: '5', data: shown.options.data });
});
