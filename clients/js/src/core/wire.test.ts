import assert from 'node:assert/strict';
import { test } from 'node:test';
import vectors from '../../../../protocol/vectors/pipit.v1.json';
import { Random } from '../testing/random.js';
import { toFrames } from './batch.js';
import { Harness } from './session.harness.js';
import {
  HEARTBEAT,
  decode,
  encodeConnect,
  encodeJoin,
  encodeLeave,
  encodePost,
  encodeQuestion,
  encodeRefresh,
  encodeUnwatch,
  encodeWatch,
} from './wire.js';
import type { ListName } from '../lists/link.js';
import type { Incoming, Position } from './wire.js';

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
  client: string | null;
  session?: string | null;
  since?: Position;
  key?: string;
  list: ListName;
  watch: string;
  group: string;
  to: { text?: string };
  data: string;
  notification?: { payload: string; config?: object };
  users?: string[] | null;
}

/** Most golden posts have no key, ours always do. */
const withoutKey = (text: string) => text.replace(',"key":"k"}', '}');

/** The arguments of a question that are given. */
function question({ id: _id, op: _op, list: _list, ...members }: Expected): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}

/** What belongs to a call: `data` is given as a value. */
function withData({ data, ...members }: Expected): Record<string, unknown> {
  return { ...question(members as Expected), ...(data === undefined ? {} : { data: JSON.parse(data) }) };
}

/** A notification is what its author wrote, and how it is to be delivered. */
const written = ({ payload, config }: NonNullable<Expected['notification']>): object => ({ ...JSON.parse(payload), ...(config && { config }) });

function withNotification({ notification, ...members }: Expected): Record<string, unknown> {
  return { ...(notification && { notification: written(notification) }), ...question(members as Expected) };
}

function encode(expected: Expected): string {
  if (expected.heartbeat) return HEARTBEAT;
  const { id, op, token, client, session, since, key = 'k', list, watch, group, to, data, notification } = expected;
  switch (op) {
    case 'vapid':
    case 'subscribe':
    case 'unsubscribe':
    case 'resubscribe':
    case 'pushed':
      return encodeQuestion(id, op as never, withNotification(expected));
    case 'push':
      return encodeQuestion(id, op as never, { ...withNotification(expected), ...(expected.users === null && { everyone: true }) });
    case 'connect':
      return encodeConnect(id, token, client ?? undefined, session ?? undefined, since);
    case 'groups':
    case 'users':
    case 'history':
      return encodeQuestion(id, op, question(expected));
    case 'watch':
      return encodeWatch(id, list, question(expected));
    case 'unwatch':
      return encodeUnwatch(id, watch);
    case 'call':
    case 'accept':
    case 'signal':
    case 'hangup':
    case 'reattach':
    case 'ice':
      return encodeQuestion(id, op, withData(expected));
    case 'refresh':
      return encodeRefresh(id, token);
    case 'join':
      return encodeJoin(id, group, since);
    case 'leave':
      return encodeLeave(id);
    default:
      return withoutKey(encodePost(id, (to.text ?? to) as string, data, key, notification && JSON.stringify(written(notification))));
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

const golden = [...vectors.replies, ...vectors.events, ...vectors.tolerated].map(({ text }) => text);
const JUNK = [...'{}[],:"\\\n\u0000\ud800🐦-', '1e999', 'null', 'true', '"id"', '"ok"', '"ev"', '"error"'];
const MEMBERS = ['id', 'ok', 'error', 'ev', 'user', 'data', 'code', 'reconnect_in_ms', 'watch', 'version', 'list', 'gone', 'put', '__proto__', 'kind'];
const VALUES = [null, true, 0, -1, 0.5, 1e300, '', 'message', 'watch', 'unwatched', 'token', 'drain', 'W', [], {}, [1], { ok: 1 }, { code: 5 }];

/** Golden objects that were cut, stuck together and spoilt. */
function spoiltText(random: Random): string {
  let text = Array.from({ length: 1 + random.below(3) }, () => random.pick(golden)).join('\n');
  for (let i = random.below(4); i > 0; i -= 1) {
    const start = random.below(text.length + 1);
    const end = random.below(3) === 0 ? start + random.below(20) : start;
    text = text.slice(0, start) + (random.below(2) === 0 ? random.pick(JUNK) : '') + text.slice(end);
  }
  return text;
}

/** An object with the members of the protocol, and values of any kind. */
function oddText(random: Random): string {
  const members = MEMBERS.filter(() => random.below(3) === 0);
  return `{${members.map((member) => `${JSON.stringify(member)}:${JSON.stringify(random.pick(VALUES))}`).join(',')}}`;
}

const CALL_KINDS = ['ring', 'accepted', 'signal', 'peer', 'ended'];
const KINDS = [...CALL_KINDS, 'heartbeat', 'ok', 'error', 'message', 'private', 'notice', 'watch', 'unwatched', 'token', 'drain', 'unknown'];

test('10,000 random texts are decoded or refused as no JSON object, and nothing else', () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 10_000; seed += 1) {
    const random = new Random(seed);
    const text = seed % 2 === 0 ? spoiltText(random) : oddText(random);
    try {
      const objects = decode(text);
      assert.equal(objects.length, text.split('\n').length);
      for (const { kind } of objects) seen.add(kind);
    } catch (error) {
      assert.ok(error instanceof SyntaxError, `seed ${seed}: ${error}`);
      seen.add('refused');
    }
  }
  assert.deepEqual([...seen].sort(), [...KINDS, 'refused'].sort());
});

test('no text of 10,000 random ones makes a client throw, connecting or open', () => {
  for (let seed = 1; seed <= 10_000; seed += 1) {
    const random = new Random(seed);
    const harness = new Harness({ token: 'T1', canFetchToken: seed % 3 === 0 });
    if (seed % 4 === 0) harness.do((session) => session.connect('ann')).do((session) => session.onOpened());
    else harness.openIn('tea').do((session) => session.post(1, 'tea', null, 'posting')).watching('W');
    const text = seed % 2 === 0 ? spoiltText(random) : oddText(random);
    assert.doesNotThrow(() => harness.do((session) => session.onText(text)), `seed ${seed}: ${text}`);
  }
});
