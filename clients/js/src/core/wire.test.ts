import assert from 'node:assert/strict';
import { test } from 'node:test';
import vectors from '../../../../protocol/vectors/pipit.v1.json';
import { toFrames } from './batch.js';
import { HEARTBEAT, decode, encodeConnect, encodeJoin, encodeLeave, encodePost, encodeRefresh } from './wire.js';
import type { Incoming } from './wire.js';

interface Means {
  heartbeat?: true;
  ev?: string;
  data?: string;
  id?: number;
  ok?: unknown;
  error?: unknown;
}

/** What the decoder must make of an object that means `means`. */
function understood(means: Means | null): unknown {
  if (means === null) return { kind: 'unknown' };
  if (means.heartbeat) return { kind: 'heartbeat' };
  if (means.ok) return { kind: 'ok', id: means.id, ok: means.ok };
  if (means.error) return { kind: 'error', id: means.id, error: means.error };
  const { ev, data, ...members } = means;
  return { ...members, kind: ev, ...(data === undefined ? {} : { data: JSON.parse(data) }) };
}

interface Expected {
  heartbeat?: true;
  id: number;
  op: string;
  token: string;
  client: string;
  group: string;
  to: { text?: string };
  data: string;
}

/** The golden posts have no key, ours always do. */
const withoutKey = (text: string) => text.replace(',"key":"k"}', '}');

function encode(expected: Expected): string {
  if (expected.heartbeat) return HEARTBEAT;
  const { id, op, token, client, group, to, data } = expected;
  switch (op) {
    case 'connect':
      return encodeConnect(id, token, client);
    case 'refresh':
      return encodeRefresh(id, token);
    case 'join':
      return encodeJoin(id, group);
    case 'leave':
      return encodeLeave(id);
    default:
      return withoutKey(encodePost(id, (to.text ?? to) as string, data, 'k'));
  }
}

for (const vector of vectors.commands) {
  if (!('canonical' in vector)) continue;
  test(`writes the golden command: ${vector.name}`, () => {
    assert.equal(encode(vector.expect as unknown as Expected), vector.text);
  });
}

for (const { name, text, means } of [...vectors.replies, ...vectors.events, ...vectors.tolerated]) {
  test(`understands the golden object: ${name}`, () => {
    const [object, ...others] = decode(text);
    const expected = understood(means as Means | null) as Record<string, unknown>;
    const known = Object.entries(object!).filter(([member]) => member in expected);
    assert.deepEqual(Object.fromEntries(known), expected);
    assert.deepEqual(others, []);
  });
}

test('reads several objects of one message in their order', () => {
  const golden = [...vectors.replies, ...vectors.events];
  const decoded = decode(golden.map(({ text }) => text).join('\n'));
  assert.deepEqual(decoded, golden.map(({ means }) => understood(means as Means)) as Incoming[]);
});

for (const { name, text, objects } of vectors.frames) {
  if (objects.includes('') || objects.join('\n') !== text) continue;
  test(`writes the golden frame: ${name}`, () => {
    assert.deepEqual(toFrames(objects, 65_536), [text]);
  });
}

for (const text of ['', ' ', '[]', '1', 'null', '"{}"', '{', '{}\n', '\n{}', '{} {}', '{"id":1,"ok":{}}x']) {
  test(`refuses what is no JSON object: ${JSON.stringify(text)}`, () => {
    assert.throws(() => decode(text), SyntaxError);
  });
}
