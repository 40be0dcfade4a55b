// The push service that Firefox is given refuses what it must: else its agreement would say nothing.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { on, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SignJWT } from 'jose';
import { WebSocket } from 'ws';
import { CertificateAuthority } from '../integration/support/certificates.mjs';
import { within } from '../integration/support/deadline.mjs';
import { BrowserPushService } from './support/push_service.mjs';

const folder = mkdtempSync(join(tmpdir(), 'pipit-push-'));
const authority = new CertificateAuthority(folder);
const agent = new Agent({ ca: authority.certificate });
const key = newKey();
let service;
let browser;

before(async () => {
  service = await BrowserPushService.start(authority.issue());
  browser = await connect();
});
after(() => {
  browser?.close();
  service?.close();
  agent.destroy();
  rmSync(folder, { recursive: true });
});

function newKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return { privateKey, text: point.toString('base64url') };
}

// Says what Firefox says: next() resolves with the next message to it, ask(message) with the answer.
async function connect(uaid) {
  const socket = new WebSocket(service.url, ['push-notification']);
  const messages = on(socket, 'message');
  await once(socket, 'open');
  socket.next = async () => {
    const { value } = await within(messages.next(), 'a message to the browser');
    return JSON.parse(value[0]);
  };
  socket.ask = (message) => {
    socket.send(JSON.stringify(message));
    return socket.next();
  };
  socket.hello = await socket.ask({ messageType: 'hello', use_webpush: true, uaid });
  return socket;
}

const channelID = randomUUID();
const register = (id = channelID) => browser.ask({ messageType: 'register', channelID: id, key: `${key.text}=` });

function sign(claims = {}, { privateKey } = key) {
  const all = { aud: service.origin, exp: Math.floor(Date.now() / 1000) + 3600, sub: 'mailto:push@example.com', ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: 'ES256', typ: 'JWT' }).sign(privateKey);
}

async function deliver(endpoint, { token, keyText = key.text, headers = {}, body = '', method = 'POST' } = {}) {
  const authorization = `vapid t=${token ?? (await sign())}, k=${keyText}`;
  const sent = request(endpoint, { method, agent, headers: { ttl: '60', authorization, ...headers } });
  sent.end(body);
  const [response] = await within(once(sent, 'response'), 'the status');
  response.resume();
  return response.statusCode;
}

test('a message is handed to the browser, and again until it has acknowledged it', async () => {
  const { pushEndpoint } = await register();
  assert.equal(await deliver(pushEndpoint, { body: 'sealed', headers: { 'content-encoding': 'aes128gcm' } }), 201);
  const handed = await browser.next();
  assert.deepEqual(handed, { ...handed, channelID, data: Buffer.from('sealed').toString('base64url'), headers: { encoding: 'aes128gcm' } });
  const { uaid } = browser.hello;
  browser.terminate();
  browser = await connect(uaid);
  assert.deepEqual(await browser.next(), handed);
  browser.send(JSON.stringify({ messageType: 'ack', updates: [{ channelID, version: handed.version, code: 100 }] }));
  assert.equal((await service.acknowledged(pushEndpoint, 1)).length, 1);
});

test('what is no good delivery is refused with its reason’s status', async () => {
  const { pushEndpoint } = await register();
  const other = newKey();
  const now = Math.floor(Date.now() / 1000);
  const deliveries = [
    [404, `${service.origin}/push/nobody`, {}],
    [405, pushEndpoint, { method: 'PUT' }],
    [400, pushEndpoint, { headers: { ttl: 'soon' } }],
    [413, pushEndpoint, { body: 'x'.repeat(4_097), headers: { 'content-encoding': 'aes128gcm' } }],
    [400, pushEndpoint, { body: 'plain' }],
    [401, pushEndpoint, { headers: { authorization: 'Bearer x' } }],
    [403, pushEndpoint, { keyText: other.text }],
    [403, pushEndpoint, { token: await sign({}, other) }],
    [403, pushEndpoint, { token: await sign({ aud: 'https://push.example' }) }],
    [403, pushEndpoint, { token: await sign({ exp: now - 60 }) }],
    [403, pushEndpoint, { token: await sign({ exp: now + 25 * 3600 }) }],
    [403, pushEndpoint, { token: await sign({ exp: undefined }) }],
  ];
  const statuses = await Promise.all(deliveries.map(([, endpoint, options]) => deliver(endpoint, options)));
  assert.deepEqual(statuses, deliveries.map(([status]) => status));
});

test('an endpoint that was given back, or was the browser’s before it was forgotten, is gone', async () => {
  const back = randomUUID();
  const { pushEndpoint } = await register(back);
  const { pushEndpoint: forgotten } = await register();
  await browser.ask({ messageType: 'unregister', channelID: back });
  assert.deepEqual([await deliver(pushEndpoint), await deliver(forgotten)], [410, 201]);
  const { uaid } = browser.hello;
  service.forgetBrowsers();
  browser = await connect(uaid);
  assert.notEqual(browser.hello.uaid, uaid);
  assert.equal(await deliver(forgotten), 410);
  assert.notEqual((await register()).pushEndpoint, forgotten);
});
