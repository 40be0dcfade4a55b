// Notifications over HTTP: what a backend and a service worker ask, who may, and what a body may look like.
import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PushService } from '../push/service.mjs';
import { CertificateAuthority } from './support/certificates.mjs';
import { deadlineMs } from './support/deadline.mjs';
import { temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { ann, bob, eve } from './support/users.mjs';

const folder = temporaryFolder({ after });
const service = await PushService.start(new CertificateAuthority(folder).issue());
after(() => service.close());

const push = { 'push.allowed_hosts': 'localhost', 'push.ca_file': join(folder, 'ca.pem') };
const generous = { 'limits.commands_per_second': 100_000, 'limits.commands_burst': 100_000 };
const start = (t, settings) => startServer(t, { settings: { ...push, ...generous, 'server.workers': 2, ...settings } });
const server = await start({ after }, { 'log.level': 'debug', 'push.resubscribes_per_second': 100_000 });

// A browser that has subscribed at the service, under a path that says what that is to answer.
let browsers = 0;
function newSubscription(what = '/status/201') {
  const browser = createECDH('prime256v1');
  browsers += 1;
  return {
    endpoint: `${service.origin}${what}/browser-${browsers}`,
    keys: { p256dh: browser.generateKeys().toString('base64url'), auth: randomBytes(16).toString('base64url') },
  };
}
const pathOf = ({ endpoint }) => endpoint.slice(service.origin.length);

const paths = { vapid: 'key', pushed: 'sent', push: 'send' };
const pathFor = (op) => `/v1/push/${paths[op] ?? op}`;
const bearer = (from, user, claims) => ({ Authorization: `Bearer ${from.token(user, claims)}` });
const json = { 'Content-Type': 'application/json' };

// Asks what the command asks: { status, headers, body, answer }.
async function ask(op, members = {}, { from = server, user = ann, claims, token = true, headers = {} } = {}) {
  const signed = { ...(token && bearer(from, user, claims)), ...headers };
  const response =
    op === 'vapid' || op === 'pushed'
      ? await from.fetch(`${pathFor(op)}?${new URLSearchParams(members)}`, { headers: signed })
      : await from.fetch(pathFor(op), {
          method: 'POST',
          headers: { ...json, ...signed },
          body: typeof members === 'string' ? members : JSON.stringify(members),
        });
  return { ...response, answer: response.body === '' ? undefined : JSON.parse(response.body) };
}

async function ok(...asked) {
  const { status, body, answer } = await ask(...asked);
  assert.equal(status, 200, body);
  return answer;
}

async function refusal(...asked) {
  const { status, answer } = await ask(...asked);
  return [status, answer.reason];
}

const admin = { user: eve, claims: { role: 'admin' } };
const tea = { title: 'Tea', body: 'It is ready.', config: { ttl: 600 } };

// Sends and waits until it has come to an end.
async function sendAndFinish(members, options = admin) {
  const { push: id } = await ok('push', { notification: tea, ...members }, options);
  for (const deadline = Date.now() + deadlineMs; Date.now() < deadline; ) {
    const progress = await ok('pushed', { push: id }, options);
    if (progress.finished) return progress;
  }
  return assert.fail(`${id} comes to no end`);
}

test('a body that is no JSON object, or not said to be one, is refused', async () => {
  for (const body of ['', '{', '[]', 'null', '"text"', '\ufeff{}', '{}{}', "{'endpoint':1}", 'endpoint=1']) {
    const { status, answer } = await ask('subscribe', body);
    assert.deepEqual([status, answer.code, answer.reason], [400, 'INVALID_REQUEST', 'bad_message'], body);
    assert.match(answer.message, /^The body must be a JSON object: .* at byte \d+\.$/);
  }
  const deep = `{"a":${'['.repeat(64)}${']'.repeat(64)}}`;
  assert.deepEqual(await refusal('push', deep, admin), [400, 'bad_message']);
  const peer = await server.http();
  const bytes = Buffer.from('{"endpoint":"\xff"}', 'latin1');
  peer.request('POST', pathFor('unsubscribe'), { Host: 'a', ...json, ...bearer(server, ann), 'Content-Length': 16 });
  peer.write(bytes);
  const { status, body } = await peer.response();
  assert.deepEqual([status, JSON.parse(body).message], [400, 'The body must be UTF-8.']);
  for (const headers of [{ 'Content-Type': 'text/plain' }, { 'Content-Encoding': 'gzip' }]) {
    assert.deepEqual(await refusal('unsubscribe', { endpoint: 'x' }, { headers }), [415, 'bad_message']);
  }
});

test('a body above limits.message_bytes_max is refused where its page can read it, and is the last', async (t) => {
  const page = 'https://chat.example';
  const from = await start(t, { 'limits.message_bytes_max': 16_384, 'server.allowed_origins': page });
  const fitting = `{"endpoint":"x","filler":"${'x'.repeat(16_384 - 28)}"}`;
  assert.equal((await ask('unsubscribe', fitting, { from })).status, 200);
  const { status, headers, answer } = await ask('unsubscribe', `${fitting} `, { from, headers: { Origin: page } });
  assert.deepEqual([status, answer.reason, headers.connection], [413, 'bad_message', 'close']);
  assert.equal(headers['access-control-allow-origin'], page);
  const chunked = await from.http();
  chunked.request('POST', pathFor('send'), { Host: 'a', 'Transfer-Encoding': 'chunked' });
  for (let i = 0; i < 20; i += 1) chunked.write(`400\r\n${'x'.repeat(1_024)}\r\n`);
  assert.equal((await chunked.response()).status, 413);
  assert.equal(await chunked.ended(), '');
});

test('every command refuses what it refuses on the socket, in the same words', async () => {
  const client = await server.signIn(eve, { token: server.token(eve, { role: 'admin' }) });
  const good = newSubscription();
  const point = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString('base64url');
  const wrong = {
    subscribe: [
      {},
      { endpoint: 7, keys: good.keys },
      { endpoint: good.endpoint },
      { endpoint: good.endpoint, keys: 'none' },
      { ...good, endpoint: 'http://push.example.net/x' },
      { ...good, endpoint: 'https://127.0.0.1/x' },
      { ...good, endpoint: 'https://169.254.169.254/latest/meta-data' },
      { ...good, endpoint: `https://localhost/${'x'.repeat(3_000)}` },
      { ...good, keys: { ...good.keys, p256dh: point } },
      { ...good, keys: { ...good.keys, auth: 'AAAA' } },
      { ...good, vapid: point },
    ],
    unsubscribe: [{}, { endpoint: null }, { endpoint: 'a\nb' }],
    push: [
      {},
      { notification: 'tea' },
      { notification: { title: 'Tea' } },
      { notification: { ...tea, body: 'x'.repeat(4_000) } },
      { notification: { ...tea, data: 'x'.repeat(3_990) } },
      { notification: { ...tea, config: { ttl: -1 } } },
      { notification: { ...tea, config: { tll: 1 } } },
      { notification: { title: '', body: '' } },
      { notification: { ...tea, config: { urgency: 'now' } } },
      { notification: { ...tea, config: { topic: 'tea time' } } },
      { notification: tea, users: [] },
      { notification: tea, users: 'ann' },
      { notification: tea, users: [eve, 7] },
      { notification: tea },
      { notification: tea, user: [eve] },
      { notification: tea, user_ids: [eve] },
      { notification: tea, users: null },
      { notification: tea, users: [eve], everyone: true },
      { notification: tea, everyone: 1 },
    ],
    resubscribe: [
      {},
      { old: 'x', ...good },
      { old: { endpoint: 'x' }, ...good },
      { old: { endpoint: 'x', auth: 'y' } },
      { old: { endpoint: 'x', auth: 'y' }, ...good, endpoint: 'https://[::1]/' },
    ],
    pushed: [{ push: '' }, { push: 'never' }],
  };
  for (const [op, commands] of Object.entries(wrong)) {
    for (const members of commands) {
      const { error } = await client.request({ op, ...members });
      const { status, answer } = await ask(op, members, admin);
      assert.ok(error, JSON.stringify({ op, ...members }));
      assert.deepEqual(answer, error);
      assert.equal(status, error.code === 'NOT_EXISTS' ? 404 : 400);
    }
  }
});

test('who has no token that counts, or is no admin where one is needed, is refused', async () => {
  for (const op of ['vapid', 'pushed', 'subscribe', 'unsubscribe', 'push']) {
    const none = await ask(op, {}, { token: false });
    assert.deepEqual([none.status, none.headers['www-authenticate']], [401, 'Bearer'], op);
    const headers = { Authorization: 'Bearer no' };
    assert.deepEqual(await refusal(op, {}, { token: false, headers }), [401, 'token_refused'], op);
  }
  assert.deepEqual(await refusal('push', { notification: tea, everyone: true }), [403, 'not_permitted']);
  assert.deepEqual(await refusal('pushed', { push: '1' }), [403, 'not_permitted']);
});

test('each path is asked with its method only', async () => {
  for (const [op, methods, allowed] of [
    ['vapid', ['POST', 'PUT'], 'GET, HEAD, OPTIONS'],
    ['send', ['GET', 'HEAD', 'PUT', 'DELETE'], 'POST, OPTIONS'],
  ]) {
    for (const method of methods) {
      const { status, headers } = await server.fetch(pathFor(op), { method, headers: bearer(server, ann) });
      assert.deepEqual([status, headers.allow], [405, allowed], method);
    }
  }
});

test('a server without push says so, and one with too much on its way says when to come back', async (t) => {
  const without = await start(t, { 'push.enabled': false });
  const { endpoint, keys } = newSubscription();
  for (const [op, members] of Object.entries({
    vapid: {},
    pushed: { push: '1' },
    subscribe: { endpoint, keys },
    unsubscribe: { endpoint },
    push: { notification: tea, everyone: true },
    resubscribe: { old: { endpoint, auth: keys.auth }, endpoint, keys },
  })) {
    assert.deepEqual(await refusal(op, members, { ...admin, from: without }), [501, 'push_disabled'], op);
  }

  const from = await start(t, { 'push.notifications_per_author_max': 1 });
  await ok('subscribe', newSubscription('/hold'), { from });
  await ok('push', { notification: tea, everyone: true }, { ...admin, from });
  const { status, headers, answer } = await ask('push', { notification: tea, everyone: true }, { ...admin, from });
  assert.deepEqual([status, answer.reason, answer.retry], [503, 'push_queue_full', true]);
  assert.ok(Number(headers['retry-after']) >= 1);
  await service.received(1);
  service.release();
});

test('a backend subscribes, sends, sees how far it has come and unsubscribes', async () => {
  const { VAPIDPublicKey: vapid } = await ok('vapid');
  const browser = newSubscription();
  assert.deepEqual(await ok('subscribe', { ...browser, vapid }), {
    message: 'SUCCESS: Subscribed to receive notifications.',
  });
  const progress = await sendAndFinish({ users: [ann, bob] });
  assert.deepEqual(progress, { reached: 1, waiting: 0, delivered: 1, gone: 0, refused: 0, expired: 0, finished: true });
  const { headers } = service.requests.find(({ path }) => path === pathOf(browser));
  assert.match(headers.authorization, new RegExp(`^vapid t=.*k=${vapid}$`));
  assert.equal(headers.ttl, '600');
  assert.deepEqual(await ok('unsubscribe', { endpoint: browser.endpoint }), {
    message: 'SUCCESS: Unsubscribed from notifications.',
  });
  assert.equal((await sendAndFinish({ users: [ann] })).reached, 0);
});

test('a service worker replaces its subscription without a token, if it knows the one before', async () => {
  const [before, behind] = [newSubscription(), newSubscription()];
  await ok('subscribe', before, { user: bob });
  const replace = (auth) => ['resubscribe', { old: { endpoint: before.endpoint, auth }, ...behind }, { token: false }];
  assert.deepEqual(await refusal(...replace(behind.keys.auth)), [404, 'subscription_not_found']);
  await ok(...replace(before.keys.auth));
  assert.deepEqual(await refusal(...replace(before.keys.auth)), [404, 'subscription_not_found']);
  assert.equal((await sendAndFinish({ users: [bob] })).delivered, 1);
  const told = service.requests.map(({ path }) => path);
  assert.ok(told.includes(pathOf(behind)) && !told.includes(pathOf(before)));
});

test('one address replaces only so many subscriptions in a second; who shows a token is not concerned', async (t) => {
  const from = await start(t, { 'push.resubscribes_per_second': 1, 'server.workers': 1 });
  const { endpoint, keys } = newSubscription();
  const members = { old: { endpoint, auth: keys.auth }, endpoint, keys };
  const statuses = [];
  let response;
  do {
    response = await ask('resubscribe', members, { from, token: false });
    statuses.push(response.status);
  } while (response.status === 404 && statuses.length < 1_000);
  assert.equal(response.status, 429);
  assert.ok(statuses.length >= 3);
  assert.deepEqual([response.answer.reason, response.headers['retry-after']], ['rate_limited', '1']);
  await ok('subscribe', { endpoint, keys }, { from });
});

test('a body is taken in one piece, in chunks, byte by byte, on several lines, and after being asked for', async () => {
  const members = JSON.stringify({ endpoint: 'https://localhost/nothing' }, null, 2);
  const head = [
    `POST ${pathFor('unsubscribe')} HTTP/1.1`,
    'Host: a',
    'Content-Type: application/json; charset=utf-8',
    `Authorization: Bearer ${server.token(ann)}\r\n`,
  ].join('\r\n');
  const length = `Content-Length: ${members.length}\r\n`;
  const chunks = [...members].map((byte) => `1\r\n${byte}\r\n`).join('');
  const peer = await server.http();
  const expectOk = async () => assert.equal((await peer.response()).status, 200);
  peer.write(`${head}${length}\r\n${members}`);
  await expectOk();
  peer.write(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`.repeat(2));
  for (let i = 0; i < 2; i += 1) await expectOk();
  for (const byte of `${head}${length}\r\n${members}`) peer.write(byte);
  await expectOk();
  peer.write(`${head}${length}Expect: 100-continue\r\n\r\n`);
  assert.equal((await peer.response()).status, 100);
  peer.write(members);
  await expectOk();
});

test('members cannot make a command another one', async () => {
  const browser = newSubscription();
  await ok('subscribe', { ...browser, id: 'x', op: 'unsubscribe' });
  assert.equal((await sendAndFinish({ users: [ann], op: 'subscribe' })).delivered, 1);
  await ok('unsubscribe', { endpoint: browser.endpoint, op: 'push', notification: tea });
  assert.equal((await sendAndFinish({ users: [ann] })).reached, 0);
});

test('pages of other origins are refused, those that may connect are let in after asking', async (t) => {
  const page = 'https://chat.example';
  const from = await start(t, { 'server.allowed_origins': page });
  const preflight = (op, Origin) =>
    from.fetch(pathFor(op), {
      method: 'OPTIONS',
      headers: { Origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type' },
    });
  for (const [op, wanted] of [
    ['subscribe', 'authorization, content-type'],
    ['resubscribe', 'content-type'],
  ]) {
    const { status, headers } = await preflight(op, page);
    assert.deepEqual(
      [status, headers['access-control-allow-methods'], headers['access-control-allow-headers']],
      [204, 'POST', wanted],
    );
    const Origin = 'https://evil.example';
    assert.equal((await preflight(op, Origin)).status, 403);
    assert.deepEqual(await refusal(op, newSubscription(), { from, headers: { Origin } }), [403, 'not_permitted']);
  }
  const { headers } = await ask('subscribe', {}, { from, headers: { Origin: page } });
  assert.equal(headers['access-control-allow-origin'], page);
});

test('no endpoint and no key of a subscription is logged', async () => {
  const browser = newSubscription('/status/410');
  await ok('subscribe', browser);
  assert.equal((await sendAndFinish({ users: [ann] })).gone, 1);
  await refusal('subscribe', { ...browser, endpoint: 'https://127.0.0.1/a-secret-path' });
  const secrets = ['browser-', 'a-secret-path', browser.keys.auth, browser.keys.p256dh];
  assert.ok(server.log.length > 0 && server.log.every((line) => !secrets.some((secret) => line.includes(secret))));
});
