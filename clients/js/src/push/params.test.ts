import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPush, checkPushOptions, checkSubscription, checkUnsubscription } from './params.js';

const ENDPOINT = 'https://push.example.net/p/1';
const KEYS = { p256dh: 'BCVx', auth: 'BTBZ' };
const SUBSCRIPTION = { endpoint: ENDPOINT, keys: KEYS };
const TEA = { title: 'Tea', body: 'It is ready.' };

/** As much of the browser's as is used. */
const browsers = (key?: number[]) => ({
  options: { applicationServerKey: key ? new Uint8Array(key).buffer : null },
  toJSON: () => ({ ...SUBSCRIPTION, expirationTime: null }),
});

const refuses = (call: () => unknown, message: string) => assert.throws(call, { name: 'PipitError', code: 'INVALID_PARAMETER', message });

for (const [name, given, second] of [
  ['an object', SUBSCRIPTION, undefined],
  ['inside of params', { params: SUBSCRIPTION }, undefined],
  ['endpoint and keys', ENDPOINT, KEYS],
  ['what JSON makes of the browser\'s', { ...SUBSCRIPTION, expirationTime: null }, undefined],
  ['the browser\'s, of a browser that does not tell the key', browsers(), undefined],
] as const) {
  test(`a subscription is taken: ${name}`, () => {
    assert.deepEqual(checkSubscription(given, second), SUBSCRIPTION);
    assert.deepEqual(checkUnsubscription(given), { endpoint: ENDPOINT });
  });
}

test('the browser\'s subscription tells the key that it was made with, and so may others', () => {
  assert.deepEqual(checkSubscription(browsers([4, 251, 255]), undefined), { ...SUBSCRIPTION, vapid: 'BPv_' });
  assert.deepEqual(checkSubscription({ ...SUBSCRIPTION, vapid: 'BPv_' }, undefined), { ...SUBSCRIPTION, vapid: 'BPv_' });
});

test('to unsubscribe the keys may be left out', () => {
  for (const given of [ENDPOINT, { endpoint: ENDPOINT }, { params: { endpoint: ENDPOINT } }]) {
    assert.deepEqual(checkUnsubscription(given), { endpoint: ENDPOINT });
  }
});

for (const [given, second, message] of [
  [undefined, undefined, '"subscription" must be a PushSubscription or an object: { endpoint, keys }, not undefined.'],
  [null, undefined, '"subscription" must be a PushSubscription or an object: { endpoint, keys }, not null.'],
  [[ENDPOINT], undefined, '"subscription" must be a PushSubscription or an object: { endpoint, keys }, not an array.'],
  [{ keys: KEYS }, undefined, '"endpoint" must be a string that is not empty, not undefined.'],
  ['', KEYS, '"endpoint" must be a string that is not empty, not an empty string.'],
  [ENDPOINT, undefined, '"keys" must be an object: { p256dh, auth }, not undefined.'],
  [{ endpoint: ENDPOINT, keys: 'a' }, undefined, '"keys" must be an object: { p256dh, auth }, not a string.'],
  [ENDPOINT, { auth: 'a' }, '"keys.p256dh" must be a string that is not empty, not undefined.'],
  [ENDPOINT, { p256dh: 'a', auth: 5 }, '"keys.auth" must be a string that is not empty, not a number.'],
  [{ ...SUBSCRIPTION, vapid: 5 }, undefined, '"vapid" must be a string that is not empty, not a number.'],
] as const) {
  test(`a subscription is refused: ${message}`, () => refuses(() => checkSubscription(given, second), message));
}

for (const [name, given, second, users] of [
  ['to everyone', TEA, undefined, undefined],
  ['to everyone, with a null', TEA, null, undefined],
  ['to a user', TEA, 'ann', ['ann']],
  ['to several', TEA, ['ann', 'bob'], ['ann', 'bob']],
  ['to a user among the members', { ...TEA, user_ids: 'ann' }, undefined, ['ann']],
  ['to several among the members', { ...TEA, user_ids: ['ann', 'bob'] }, undefined, ['ann', 'bob']],
  ['inside of params', { params: { ...TEA, user_ids: ['ann'] } }, undefined, ['ann']],
  ['inside of params, the user outside', { params: TEA }, 'ann', ['ann']],
] as const) {
  test(`a notification is taken: ${name}`, () =>
    assert.deepEqual(checkPush(given, second, false), users === undefined ? { notification: TEA, everyone: true } : { notification: TEA, users }));
}

test('a notification keeps what it has, and is a copy', () => {
  const notification = { ...TEA, url: '/tea', actions: [{ action: 'go', title: 'Go' }], mine: { a: null }, config: { ttl: 60 } };
  const members = checkPush(notification, 'ann', false);
  notification.actions.pop();
  assert.deepEqual((members.notification as typeof notification).actions, [{ action: 'go', title: 'Go' }]);
  assert.deepEqual(Object.keys(members.notification as object), Object.keys(notification));
});

for (const member of ['user', 'users', 'user_id', 'to']) {
  test(`a notification that seems to say with "${member}" for whom it is, is not for everyone`, () => {
    const message = `"user_ids" says for whom it is, not "${member}".`;
    for (const given of [{ ...TEA, [member]: 'ann' }, { params: { ...TEA, [member]: ['ann'] } }]) {
      refuses(() => checkPush(given, undefined, false), message);
      refuses(() => checkPush(given, null, true), message);
      assert.deepEqual(checkPush(given, 'ben', false).users, ['ben']);
    }
    const empty = { ...TEA, [member]: undefined };
    assert.equal(checkPush(empty, undefined, false).everyone, true);
  });
}

test('in a form what is empty is left out, but for a body', () => {
  const fields = { title: 'Tea', body: '', url: '', user_ids: '', config: { ttl: null, topic: '', urgency: 'high' }, data: { n: 5 } };
  assert.deepEqual(checkPush(fields, undefined, true), {
    notification: { title: 'Tea', body: '', config: { urgency: 'high' }, data: { n: 5 } },
    everyone: true,
  });
  assert.deepEqual(checkPush({ ...fields, user_ids: ['ann', 'bob'] }, undefined, true).users, ['ann', 'bob']);
});

test('what a form writes for the ttl is a number if it can be one, and nothing else is', () => {
  const read = (config: object) => (checkPush({ ...TEA, count: '5', config }, undefined, true).notification as { config: object }).config;
  assert.deepEqual(read({ ttl: '60', topic: '7' }), { ttl: 60, topic: '7' });
  assert.deepEqual(read({ ttl: 60 }), { ttl: 60 });
  assert.deepEqual(read({ ttl: 'long' }), { ttl: 'long' });
  assert.deepEqual(read({ ttl: '' }), {});
  assert.deepEqual(checkPush({ ...TEA, ttl: '5' }, undefined, true).notification, { ...TEA, ttl: '5' });
  assert.deepEqual(checkPush({ ...TEA, config: { ttl: '60' } }, undefined, false).notification, { ...TEA, config: { ttl: '60' } });
});

for (const [given, second, message] of [
  [undefined, undefined, '"notification" must be an object: { title, body }, not undefined.'],
  ['Tea', 'ann', '"notification" must be an object: { title, body }, not a string.'],
  [{ title: 'Tea' }, undefined, '"notification" must be an object with the strings "title" and "body".'],
  [{ ...TEA, body: 'x'.repeat(3_070) }, undefined, '"notification": title and body have 3073 bytes; together at most 3072 are allowed.'],
  [TEA, [], '"user_ids" must have at least one user id; left out, it means everyone.'],
  [{ ...TEA, user_ids: [] }, undefined, '"user_ids" must have at least one user id; left out, it means everyone.'],
  [TEA, '', '"user_ids" must be a string that is not empty, not an empty string.'],
  [TEA, ['ann', ''], '"user_ids" must be a string that is not empty, not an empty string.'],
  [TEA, { user: 'ann' }, '"user_ids" must be a string that is not empty, not an object.'],
  [{ ...TEA, user_ids: 'ann' }, 'bob', '"user_ids" must be given once: with the notification, or as the second argument.'],
] as const) {
  test(`a notification is refused: ${message}`, () => refuses(() => checkPush(given, second, false), message));
}

test('an empty user in a plain object is refused, for it does not mean everyone', () =>
  refuses(() => checkPush({ ...TEA, user_ids: '' }, undefined, false), '"user_ids" must be a string that is not empty, not an empty string.'));

test('options are checked', () => {
  for (const options of [undefined, null, {}, { progress: null }]) assert.equal(checkPushOptions(options), undefined);
  const progress = () => {};
  assert.equal(checkPushOptions({ progress }), progress);
  refuses(() => checkPushOptions(progress), '"options" must be an object: { progress }, not a function.');
  refuses(() => checkPushOptions({ progress: 5 }), '"progress" must be a function, not a number.');
  refuses(() => checkPushOptions({ limit: 5 }), '"limit" is no member of "options". Allowed: progress.');
});
