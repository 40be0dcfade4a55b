import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipitError } from '../errors.js';
import { checkJoin, checkNotification, checkRecipient, checkSize, toJson } from './checks.js';
import { defaultLimits } from './wire.js';

function refuses(call: () => unknown, text: RegExp) {
  assert.throws(call, (error) => error instanceof PipitError && error.code === 'INVALID_PARAMETER' && text.test(error.message));
}

const cycle: { self?: unknown } = {};
cycle.self = cycle;

for (const [name, value] of Object.entries({ undefined, function: () => 1, symbol: Symbol('s'), cycle, BigInt: 5n, 'BigInt within': [{ a: 5n }] })) {
  test(`a message that JSON can't hold is refused: ${name}`, () => refuses(() => toJson('message', value), /^"message" must be a value that JSON can hold: ./));
}

for (const value of [0, -0.5, '', false, true, null, [], {}, [1, { a: null }], '\ud83c', '"\\\n']) {
  const text = JSON.stringify(value);
  test(`a message of JSON is taken: ${text}`, () => assert.equal(toJson('message', value), text));
}

for (const group of [5, true, {}, ['a'], 'g'.repeat(256), 'é'.repeat(128), 'a\u0000', '\n', '\u007f', 'a\u0085', '\ud83c', '\udf75\ud83c']) {
  test(`a group is refused: ${JSON.stringify(group).slice(0, 20)}`, () => refuses(() => checkJoin({ group }, defaultLimits), /^"group" /));
}

test('the refusal of a name tells its size and the limit', () => {
  refuses(() => checkJoin({ group: 'é'.repeat(128) }, defaultLimits), /256 bytes.* at most 255/);
  refuses(() => checkJoin({ group: 'long' }, { ...defaultLimits, group_name_bytes: 3 }), /4 bytes.* at most 3/);
});

for (const params of ['tea room', 5, true]) {
  test(`joinRealtime(${JSON.stringify(params)}) is refused`, () => refuses(() => checkJoin(params, defaultLimits), /^"params"/));
}

for (const params of [undefined, null, {}, { group: null }, { group: '' }, { group: undefined }]) {
  test(`joinRealtime(${JSON.stringify(params)}) leaves`, () => assert.equal(checkJoin(params, defaultLimits), null));
}

for (const group of ['x', ' ', 'g'.repeat(255), 'the "tea" #1 100% 🍵', 'غرفة']) {
  test(`a group is taken: ${group.slice(0, 20)}`, () => assert.equal(checkJoin({ group }, defaultLimits), group));
}

const CID = 'cid:9fK2Zr0aQw_XcV1B';
const wrongRecipients: unknown[] = [undefined, null, 5, '', [], {}, { room: 'a' }, { user: 'a', group: 'b' }, { user: undefined }, { user: 5 }];
wrongRecipients.push({ group: '' }, { user: 'u'.repeat(256) }, { cid: 5 }, { cid: CID.slice(4) }, { cid: `${CID}x` }, 'a\u0007');
for (const recipient of wrongRecipients) {
  test(`a recipient is refused: ${JSON.stringify(recipient)?.slice(0, 30)}`, () =>
    refuses(() => checkRecipient(recipient, defaultLimits), /^"recipient/));
}

for (const recipient of ['tea room', { user: 'ann' }, { group: 'tea room' }, { cid: CID }]) {
  test(`a recipient is taken: ${JSON.stringify(recipient)}`, () => assert.deepEqual(checkRecipient(recipient, defaultLimits), recipient));
}

test('a command may have exactly as many bytes as the server takes', () => {
  const limits = { ...defaultLimits, message_bytes: 6 };
  checkSize('message', 'éé12', limits);
  refuses(() => checkSize('message', 'éé123', limits), /^"message" is too long: .* 7 bytes; at most 6 /);
});

for (const notification of [5, 'a', [], {}, { title: 'a' }, { title: 1, body: 'b' }, { title: 'é'.repeat(1536), body: 'b' }]) {
  test(`a notification is refused: ${JSON.stringify(notification).slice(0, 30)}`, () =>
    refuses(() => checkNotification(notification), /^"notification"/));
}

test('a notification without anything to show is refused, and one of the two may be empty', () => {
  refuses(() => checkNotification({ title: '', body: '' }), /^"title" and "body" of "notification" must not both be empty\.$/);
  checkNotification({ title: 'a', body: '' });
  checkNotification({ title: '', body: 'b' });
});

test('a misspelt member of config is named, with those that there are', () => {
  refuses(
    () => checkNotification({ title: 'a', body: 'b', config: { tll: 1 } }),
    /^"tll" is no member of "notification\.config"\. Allowed: always, ttl, urgency, topic\.$/,
  );
  checkNotification({ title: 'a', body: 'b', config: { later: undefined, ttl: 1 } });
});

test('title and body may have exactly 3,072 bytes', () => {
  const notification = { title: 'é'.repeat(1535), body: 'bb' };
  assert.equal(checkNotification(notification), JSON.stringify(notification));
});

test('the whole may have exactly 3,993 bytes of JSON, and its config does not count', () => {
  const config = { always: true, ttl: 60, urgency: 'high', topic: 'tea' };
  const bytes = JSON.stringify({ title: 'a', body: 'b', data: '' }).length;
  const full = { title: 'a', body: 'b', config, data: 'x'.repeat(3_993 - bytes) };
  assert.deepEqual(JSON.parse(checkNotification(full)), full);
  refuses(() => checkNotification({ ...full, data: `${full.data}x` }), /^"notification" has 3994 bytes of JSON .* at most 3993 /);
});

test('a notification that JSON cannot hold is refused', () =>
  refuses(() => checkNotification({ title: 'a', body: 'b', data: 5n }), /^"notification" must be a value that JSON can hold/));
