import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadParts } from './load.js';
import { connectedClient, newClient } from './testing/client.js';
import { settled } from './testing/fakes.js';
import type { PushProgress } from './types.js';

const TEA = { title: 'Tea', body: 'It is ready.' };
const SUBSCRIPTION = { endpoint: 'https://push.example.net/1', keys: { p256dh: 'BCVx', auth: 'BTBZ' } };
const SUBSCRIBED = 'SUCCESS: Subscribed to receive notifications.';
const SENT = 'SUCCESS: Notification sent.';

test('without a connection all is asked over HTTP', async () => {
  const { pipit, http } = newClient();
  const key = pipit.vapidPublicKey();
  await http.answer(200, { VAPIDPublicKey: 'BPv_' });
  assert.deepEqual(await key, { VAPIDPublicKey: 'BPv_' });
  const subscribing = pipit.subscribeNotification({ params: SUBSCRIPTION });
  await http.answer(200, { message: SUBSCRIBED });
  assert.equal(await subscribing, SUBSCRIBED);
  const unsubscribing = pipit.unsubscribeNotification(SUBSCRIPTION.endpoint, SUBSCRIPTION.keys);
  await http.answer(200, { message: 'SUCCESS: Unsubscribed from notifications.' });
  assert.equal(await unsubscribing, 'SUCCESS: Unsubscribed from notifications.');
  const pushing = pipit.pushNotification(TEA, 'ann');
  await http.answer(200, { push: '417', message: SENT });
  assert.equal(await pushing, SENT);
  assert.deepEqual(
    http.asked.map(({ method, url, body }) => [`${method} ${new URL(url).pathname}`, body && JSON.parse(body)]),
    [
      ['GET /v1/push/key', undefined],
      ['POST /v1/push/subscribe', SUBSCRIPTION],
      ['POST /v1/push/unsubscribe', { endpoint: SUBSCRIPTION.endpoint }],
      ['POST /v1/push/send', { notification: TEA, users: ['ann'] }],
    ],
  );
});

test('with a connection all is asked over that', async () => {
  const { pipit, http, socket } = await connectedClient();
  const calls = [
    [() => pipit.vapidPublicKey(), { op: 'vapid' }, { VAPIDPublicKey: 'BPv_' }],
    [() => pipit.subscribeNotification(SUBSCRIPTION.endpoint, SUBSCRIPTION.keys), { op: 'subscribe', ...SUBSCRIPTION }, { message: SUBSCRIBED }],
    [() => pipit.unsubscribeNotification(SUBSCRIPTION), { op: 'unsubscribe', endpoint: SUBSCRIPTION.endpoint }, { message: 'Gone.' }],
    [() => pipit.pushNotification({ params: TEA }), { op: 'push', notification: TEA, everyone: true }, { push: '1', message: SENT }],
  ] as const;
  for (const [call, command, ok] of calls) {
    const asking = call();
    await settled();
    const { id: _id, ...members } = socket.commands.at(-1)!;
    assert.deepEqual(members, command);
    socket.ok(command.op, ok);
    assert.deepEqual(await asking, 'message' in ok ? ok.message : ok);
  }
  assert.equal(http.asked.length, 0);
});

test('a form is read at once, before anything is fetched', async () => {
  const form = new FormData();
  for (const [name, value] of [['title', 'Tea'], ['body', 'b'], ['user_ids[]', 'ann'], ['user_ids[]', 'bob'], ['url', '']] as const) form.append(name, value);
  const { pipit, http } = newClient();
  const pushing = pipit.pushNotification(form);
  form.set('title', 'Coffee');
  await http.answer(200, { push: '1', message: SENT });
  await pushing;
  assert.deepEqual(JSON.parse(http.asked[0]!.body!), { notification: { title: 'Tea', body: 'b' }, users: ['ann', 'bob'] });
});

test('the refusal of the server is the caller\'s', async () => {
  const { pipit, http } = newClient();
  const rejected = assert.rejects(pipit.pushNotification(TEA), { name: 'PipitError', code: 'INVALID_REQUEST', reason: 'not_permitted' });
  await http.answer(403, { code: 'INVALID_REQUEST', reason: 'not_permitted', message: 'No.', retry: false });
  await rejected;
});

test('an answer that is none of the protocol is an error', async () => {
  const { pipit, http } = newClient();
  for (const call of [() => pipit.vapidPublicKey(), () => pipit.subscribeNotification(SUBSCRIPTION), () => pipit.pushNotification(TEA)]) {
    const rejected = assert.rejects(call(), { code: 'ERROR', reason: 'bad_answer' });
    await http.answer(200, '<html>');
    await rejected;
  }
});

test('a notification whose answer is lost is not sent again, and a subscription is', async () => {
  const { pipit, socket, server, clock } = await connectedClient();
  const refused = assert.rejects(pipit.pushNotification(TEA), { code: 'INVALID_REQUEST', reason: 'not_open', retry: true });
  const subscribing = pipit.subscribeNotification(SUBSCRIPTION);
  await settled();
  socket.lose();
  await refused;
  await clock.pass(250);
  const next = await server.signIn();
  assert.deepEqual(next.commands.map(({ op }) => op), ['connect', 'subscribe']);
  next.ok('subscribe', { message: SUBSCRIBED });
  assert.equal(await subscribing, SUBSCRIBED);
});

test('the progress is shown until it is finished, and the call resolves before', async () => {
  const { pipit, socket, clock } = await connectedClient();
  const shown: PushProgress[] = [];
  const pushing = pipit.pushNotification(TEA, ['ann'], { progress: (progress) => void shown.push(progress) });
  await settled();
  socket.ok('push', { push: '417', message: SENT });
  assert.equal(await pushing, SENT);
  const counts = { reached: 2, waiting: 1, delivered: 1, gone: 0, refused: 0, expired: 0, finished: false };
  await clock.pass(200);
  const { id: _id, ...members } = socket.commands.at(-1)!;
  assert.deepEqual(members, { op: 'pushed', push: '417' });
  socket.ok('pushed', counts);
  await settled();
  await clock.pass(300);
  socket.ok('pushed', { ...counts, waiting: 0, delivered: 2, finished: true });
  await settled();
  await clock.pass(600_000);
  assert.deepEqual(shown.map(({ delivered, finished }) => [delivered, finished]), [[0, false], [1, false], [2, true]]);
  assert.equal(socket.commands.filter(({ op }) => op === 'pushed').length, 2);
});

test('a progress function that throws is reported, and called again', async () => {
  const { pipit, http, clock, reported } = newClient();
  let calls = 0;
  const pushing = pipit.pushNotification(TEA, null, { progress: () => { calls += 1; throw new Error(`${calls}`); } });
  await http.answer(200, { push: 'a&b', message: SENT });
  await pushing;
  await clock.pass(200);
  assert.equal(http.asked.at(-1)!.url, 'https://example.org/v1/push/sent?push=a%26b');
  await http.answer(200, { reached: 0, waiting: 0, delivered: 0, gone: 0, refused: 0, expired: 0, finished: true });
  assert.deepEqual(reported.map(String), ['Error: 1', 'Error: 2']);
});

test('closing ends the progress without a word', async () => {
  const { pipit, socket, clock, http } = await connectedClient();
  const shown: PushProgress[] = [];
  const pushing = pipit.pushNotification(TEA, ['ann'], { progress: (progress) => void shown.push(progress) });
  await settled();
  socket.ok('push', { push: '417', message: SENT });
  await pushing;
  await pipit.closeRealtime();
  await clock.pass(600_000);
  assert.deepEqual([shown.length, shown[0]?.error, http.asked.length], [1, undefined, 0]);
});

test('a part that cannot be fetched refuses the call', async () => {
  const { pipit } = newClient({ loadParts: { ...loadParts, push: () => Promise.reject(new TypeError('offline')) } });
  await assert.rejects(pipit.vapidPublicKey(), { code: 'ERROR', reason: 'part_missing', message: 'Notifications could not be loaded: TypeError: offline' });
});

test('in Node push can be sent but not enabled, and there is nothing to disable', async () => {
  const { pipit } = newClient();
  await assert.rejects(pipit.enablePush(), { name: 'PipitError', code: 'ERROR', reason: 'no_push', message: /^There is no web push here/ });
  await pipit.disablePush();
});

test('the permission is asked for before anything else, unless it is not to be', async () => {
  const asked: string[] = [];
  const globals = {
    PushManager: class {},
    Notification: { permission: 'default', requestPermission: async () => (asked.push('permission'), 'denied') },
  };
  Object.assign(globalThis, globals);
  try {
    const push: typeof loadParts.push = (again) => (asked.push('part'), loadParts.push(again));
    const { pipit } = newClient({ loadParts: { ...loadParts, push } });
    const enabling = assert.rejects(pipit.enablePush(), { name: 'PipitError' });
    assert.ok(asked.includes('permission'));
    await enabling;
    await assert.rejects(pipit.enablePush({ ask: false }));
    assert.deepEqual(asked.filter((what) => what === 'permission'), ['permission']);
  } finally {
    for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name);
  }
});
