// The servers for ICE that a client is told, over HTTP and over the WebSocket.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run, temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { inSeconds } from './support/tokens.mjs';
import { ann } from './support/users.mjs';

const secret = 'shared by pipit and coturn';
const urls = ['turn:turn.example:3478?transport=udp', 'turns:turn.example:443?transport=tcp'];
const generous = { 'limits.commands_per_second': 100_000, 'limits.commands_burst': 100_000 };

function secretFile(t, text = secret) {
  const file = join(temporaryFolder(t), 'turn.secret');
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
}

const withTurn = (file) => ({ 'turn.urls': urls.join(','), 'turn.secret_file': file });
const server = await startServer({ after }, { settings: generous });
const bearer = (from = server) => ({ Authorization: `Bearer ${from.token(ann)}` });

async function iceServers(from, headers = {}) {
  const { status, body } = await from.fetch('/v1/ice', { headers: { ...bearer(from), ...headers } });
  assert.equal(status, 200, body);
  return JSON.parse(body);
}

const stunUrls = ({ iceServers: servers }) => servers.flatMap((each) => each.urls).filter((url) => url.startsWith('stun:'));

test('nobody is told anything without a token that is good', async () => {
  for (const [headers, challenge] of [
    [{}, 'Bearer'],
    [{ Authorization: 'Bearer x.y.z' }, 'Bearer error="invalid_token"'],
    [{ Authorization: `Bearer ${server.token(ann, { exp: inSeconds(-60) })}` }, 'Bearer error="invalid_token"'],
  ]) {
    const response = await server.fetch('/v1/ice', { headers });
    assert.equal(response.status, 401);
    assert.equal(response.headers['www-authenticate'], challenge);
    assert.ok(!response.body.includes('iceServers'), response.body);
  }
});

test('our own STUN is named by the host that the client has reached', async () => {
  for (const [Host, url] of [
    [`127.0.0.1:${server.port}`, `stun:127.0.0.1:${server.port}`],
    ['chat.example', `stun:chat.example:${server.port}`],
    ['[2001:db8::1]:443', `stun:[2001:db8::1]:${server.port}`],
  ]) {
    assert.deepEqual(await iceServers(server, { Host }), { iceServers: [{ urls: [url] }] });
  }
});

test('a Host that is no host is not passed on to anybody', async () => {
  for (const Host of ['evil"', 'a b', 'user@chat.example', 'chat.example/x', '[::1', 'x'.repeat(256)]) {
    assert.deepEqual(await iceServers(server, { Host }), { iceServers: [] }, Host);
  }
});

test('over the WebSocket it is the host of the handshake', async () => {
  const client = await server.signIn(ann, { host: `localhost:${server.port}` });
  const { ok } = await client.request({ op: 'ice' });
  assert.deepEqual(ok, { iceServers: [{ urls: [`stun:localhost:${server.port}`] }] });
});

test('the host that is set is told whatever name the client has used', async (t) => {
  const named = await startServer(t, { settings: { 'stun.host': 'stun.example' } });
  assert.deepEqual(stunUrls(await iceServers(named)), [`stun:stun.example:${named.port}`]);
});

test('without STUN none is told', async (t) => {
  const without = await startServer(t, { settings: { 'stun.enabled': false } });
  assert.deepEqual(await iceServers(without), { iceServers: [] });
});

test('TURN comes with credentials of this user and how long they are good', async (t) => {
  const from = await startServer(t, { settings: { ...withTurn(secretFile(t)), 'turn.credential_ttl_s': 600 } });
  const before = inSeconds(600);
  const answer = await iceServers(from);
  const turn = answer.iceServers.at(-1);
  assert.equal(answer.expires_in_ms, 600_000);
  assert.deepEqual(turn.urls, urls);
  const [, expiry, user] = /^(\d+):(.*)$/.exec(turn.username);
  assert.ok(Number(expiry) >= before && Number(expiry) <= inSeconds(600), expiry);
  assert.equal(user, ann);
  assert.equal(turn.credential, createHmac('sha1', secret).update(turn.username).digest('base64'));
});

test('the secret is in no log', async (t) => {
  const from = await startServer(t, { settings: { ...withTurn(secretFile(t)), 'log.level': 'debug' } });
  const { credential } = (await iceServers(from)).iceServers.at(-1);
  const client = await from.signIn(ann);
  await client.request({ op: 'ice' });
  assert.ok(from.log.length > 0);
  for (const line of from.log) assert.ok(!line.includes(secret) && !line.includes(credential), line);
});

for (const [name, change, complaint] of [
  ['that others can read', (file) => chmodSync(file, 0o644), /can be used by others.*chmod 600/],
  ['that is too short', (file) => writeFileSync(file, 'short'), /one line of 16 bytes or more/],
]) {
  test(`a TURN secret ${name} stops the start`, async (t) => {
    const file = secretFile(t);
    change(file);
    const assignments = Object.entries(withTurn(file)).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const { code, out } = await run(['serve', '--listen', '127.0.0.1:0', '--data', temporaryFolder(t), ...assignments]);
    assert.equal(code, 1);
    assert.match(out, complaint);
    assert.ok(out.includes(file), out);
  });
}

test('half of TURN is refused', async () => {
  const { code, err } = await run(['config', 'check', '--set', `turn.urls=${urls[0]}`]);
  assert.equal(code, 2);
  assert.match(err, /turn\.urls and turn\.secret_file must both be set or both be empty/);
});

test('an url that browsers would refuse is refused first', async () => {
  const { code, err } = await run(['config', 'check', '--set', 'turn.urls=turn://turn.example', '--set', 'turn.secret_file=x']);
  assert.equal(code, 2);
  assert.match(err, /turn\.urls must be .*turn:host/);
});
