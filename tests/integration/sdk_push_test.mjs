// Notifications with the SDK: from the calls of an application to a push service.
import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Pipit } from '../../clients/js/dist/node.mjs';
import { PushService } from '../push/service.mjs';
import { CertificateAuthority } from './support/certificates.mjs';
import { Waiters } from './support/deadline.mjs';
import { temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { ann, bob, eve } from './support/users.mjs';

const folder = temporaryFolder({ after });
const TEA = { title: 'Tea', body: 'It is ready.' };
const SENT = 'SUCCESS: Notification sent.';
let service;
let server;

before(async () => {
  service = await PushService.start(new CertificateAuthority(folder).issue());
  const settings = { 'push.allowed_hosts': service.host, 'push.ca_file': join(folder, 'ca.pem') };
  server = await startServer({ after: () => {} }, { settings });
});
after(async () => {
  await server?.stop();
  service?.close();
});

const url = () => `http://127.0.0.1:${server.port}`;
const client = (user, role) => new Pipit({ url: url(), getToken: () => server.token(user, role && { role }) });

// A client that is connected until the end of the test.
async function connected(t, user, role) {
  const pipit = client(user, role);
  t.after(() => pipit.closeRealtime());
  await pipit.connectRealtime(() => {});
  return pipit;
}

// What a browser would have made at the push service.
function subscription() {
  const keys = { p256dh: createECDH('prime256v1').generateKeys().toString('base64url'), auth: randomBytes(16).toString('base64url') };
  return { endpoint: `${service.origin}/status/201/${randomBytes(8).toString('hex')}`, keys };
}

const receivedAt = ({ endpoint }) => service.requests.filter(({ path }) => endpoint.endsWith(path));

// Everything that pushNotification() showed of its progress until it was finished.
async function pushed(pipit, ...call) {
  const waiters = new Waiters();
  const shown = [];
  const progress = (now) => {
    shown.push(now);
    waiters.changed();
  };
  assert.equal(await pipit.pushNotification(...call, { progress }), SENT);
  const isOver = () => shown.find(({ finished, error }) => finished || error);
  await waiters.until(isOver, 'the end of a push');
  return shown;
}

for (const way of ['over the connection', 'over HTTP']) {
  const use = (t, user, role) => (way === 'over HTTP' ? client(user, role) : connected(t, user, role));

  test(`${way}: subscribed in every form, a notification reaches them all, and its progress tells`, async (t) => {
    const [admin, pipit] = [await use(t, ann, 'admin'), await use(t, bob)];
    const { VAPIDPublicKey } = await pipit.vapidPublicKey();
    assert.equal(Buffer.from(VAPIDPublicKey, 'base64url').length, 65);
    const [plain, wrapped, apart, browsers] = [subscription(), subscription(), subscription(), subscription()];
    const key = Buffer.from(VAPIDPublicKey, 'base64url');
    const options = { applicationServerKey: key.buffer.slice(key.byteOffset, key.byteOffset + key.length) };
    for (const call of [[plain], [{ params: wrapped }], [apart.endpoint, apart.keys], [{ toJSON: () => browsers, options }]]) {
      assert.equal(await pipit.subscribeNotification(...call), 'SUCCESS: Subscribed to receive notifications.');
    }
    const shown = await pushed(admin, { ...TEA, config: { ttl: 60, urgency: 'high', topic: 'tea' } }, bob);
    const { push, ...end } = shown.at(-1);
    assert.match(push, /^\d+$/);
    assert.deepEqual(end, { reached: 4, waiting: 0, delivered: 4, gone: 0, refused: 0, expired: 0, finished: true });
    for (const one of [plain, wrapped, apart, browsers]) {
      const [{ headers }, ...others] = receivedAt(one);
      assert.deepEqual([headers.urgency, headers.topic, others.length], ['high', 'tea', 0]);
      assert.ok(headers.ttl > 0 && headers.ttl <= 60, headers.ttl);
    }
    for (const call of [[plain], [{ params: wrapped }], [apart.endpoint, apart.keys], [browsers.endpoint]]) {
      assert.equal(await pipit.unsubscribeNotification(...call), 'SUCCESS: Unsubscribed from notifications.');
    }
    assert.equal((await pushed(admin, { params: { ...TEA, user_ids: [bob] } }, null)).at(-1).reached, 0);
  });

  test(`${way}: what the server refuses is said with its reason`, async (t) => {
    const pipit = await use(t, bob);
    await assert.rejects(pipit.pushNotification(TEA), { code: 'INVALID_REQUEST', reason: 'not_permitted' });
    const elsewhere = { ...subscription(), vapid: createECDH('prime256v1').generateKeys().toString('base64url') };
    await assert.rejects(pipit.subscribeNotification(elsewhere), { code: 'INVALID_REQUEST', reason: 'unknown_vapid_key' });
    const local = { ...subscription(), endpoint: 'https://127.0.0.1/p' };
    await assert.rejects(pipit.subscribeNotification(local), { code: 'INVALID_PARAMETER', message: /^endpoint must have a host with a public address/ });
  });
}

test('a post with a notification reaches whoever is not connected, and with `always` the others as well', async (t) => {
  const [pipit, listener] = [await connected(t, ann), await connected(t, bob)];
  const [away, here] = [subscription(), subscription()];
  const gone = await connected(t, eve);
  await gone.subscribeNotification(away);
  await gone.closeRealtime();
  await listener.subscribeNotification(here);
  const before = service.requests.length;
  const notification = { ...TEA, url: '/tea', data: { n: 1 } };
  const sent = { type: 'success', message: 'Message sent.' };
  assert.deepEqual(await pipit.postRealtime({ text: 'a' }, bob, notification), sent);
  assert.deepEqual(await pipit.postRealtime({ text: 'b' }, eve, notification), sent);
  assert.deepEqual(await pipit.postRealtime({ text: 'c' }, bob, { ...notification, config: { always: true } }), sent);
  await service.received(before + 2);
  assert.deepEqual([receivedAt(away).length, receivedAt(here).length], [1, 1]);
});

test('a server without push says so, and the post has not taken effect', async (t) => {
  const silent = await startServer(t, { settings: { 'push.enabled': false } });
  const pipit = new Pipit({ url: `http://127.0.0.1:${silent.port}`, getToken: () => silent.token(ann) });
  t.after(() => pipit.closeRealtime());
  await pipit.connectRealtime(() => {});
  const refusal = { code: 'INVALID_REQUEST', reason: 'push_disabled', message: 'This server sends no notifications.' };
  await assert.rejects(pipit.postRealtime(1, ann, TEA), refusal);
  await assert.rejects(pipit.vapidPublicKey(), refusal);
});
