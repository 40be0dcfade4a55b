// Credentials from GET /v1/ice, put to coturn as packaging/coturn/turnserver.conf sets it up.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { inSeconds } from './support/tokens.mjs';
import { runTool } from './support/tool.mjs';
import { startCoturn } from './support/turn.mjs';
import { ann } from './support/users.mjs';

const secret = 'shared by pipit and coturn';
const file = join(temporaryFolder({ after }), 'turn.secret');
writeFileSync(file, `${secret}\n`, { mode: 0o600 });
const settings = { 'turn.urls': 'turn:127.0.0.1:3478?transport=udp', 'turn.secret_file': file };
const server = await startServer({ after }, { settings });
const coturn = await startCoturn({ after }, secret);

async function credentialsOf(user) {
  const { status, body } = await server.fetch('/v1/ice', { headers: { Authorization: `Bearer ${server.token(user)}` } });
  assert.equal(status, 200, body);
  return JSON.parse(body).iceServers.find(({ credential }) => credential !== undefined);
}

const signed = (username) => createHmac('sha1', secret).update(username).digest('base64');

test('coturn takes the credentials that Pipit makes, whatever the user is called', async () => {
  for (const user of [ann, 'Zoë', 'a:b c', 'x"y\\z%', 'x'.repeat(255)]) {
    assert.equal(await coturn.attempt(await credentialsOf(user)), 'allocated', user);
  }
});

test('coturn refuses credentials that have run out', async () => {
  const username = `${inSeconds(-10)}:${ann}`;
  assert.equal(await coturn.attempt({ username, credential: signed(username) }), 'unauthorized');
  await coturn.logged(`user <${username}>: incoming packet message processed, error 401: Unauthorized`);
});

test('coturn refuses credentials that were made up or changed', async () => {
  const { username, credential } = await credentialsOf(ann);
  const longer = `${inSeconds(1_000_000)}:${ann}`;
  for (const forged of [
    { username, credential: signed(`${username}x`) },
    { username: longer, credential },
    { username: `${longer}x`, credential: createHmac('sha1', 'another secret').update(`${longer}x`).digest('base64') },
  ]) {
    assert.equal(await coturn.attempt(forged), 'unauthorized', forged.username);
    await coturn.logged(`user <${forged.username}>: incoming packet message processed, error 401: Unauthorized`);
  }
});

test('what a relay may be sent to: no address that is not public', async () => {
  const notPublic = [
    ['0.0.0.1', '10.0.0.1', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.8.0.1', '169.254.169.254'],
    ['172.16.0.1', '172.31.255.255', '192.0.0.192', '192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
    ['168.63.129.16', '::1', '::10.0.0.1', '::ffff:10.0.0.1', '::ffff:9.9.9.9', '64:ff9b::a00:1', '2001::1'],
    ['2002:a00:1::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fec0::1', 'ff02::1', 'ff0e::1'],
  ].flat();
  for (const peer of notPublic) {
    assert.equal(await coturn.attempt(await credentialsOf(`calls ${peer}`), peer), 'forbidden', peer);
  }
});

test('what a relay may be sent to: public addresses, right up to those that are not', async () => {
  const isPublic = ['9.255.255.255', '11.0.0.0', '172.32.0.0', '223.255.255.255', '2001:200::1', '2620:fe::fe'];
  const outcomes = await Promise.all(
    isPublic.map(async (peer) => coturn.attempt(await credentialsOf(`calls ${peer}`), peer)),
  );
  assert.deepEqual(outcomes, Array(isPublic.length).fill('permitted'));
});

// Two users of one relay, who send each other three messages each.
async function talkThrough(relay) {
  const { username, credential } = await credentialsOf(ann);
  return runTool('turnutils_uclient', [
    ...['-v', '-y', '-c', '-n', '3', '-p', `${relay.port}`, '-u', username, '-w', credential, '127.0.0.1'],
  ]);
}

test('two relays carry what their users send each other', async (t) => {
  // The only peers of this machine are on it, so this coturn is told that they may be reached.
  const open = await startCoturn(t, secret, ['--allow-loopback-peers', '--allowed-peer-ip=127.0.0.1']);
  const { code, out } = await talkThrough(open);
  assert.equal(code, 0, out);
  assert.match(out, /tot_send_msgs=6, tot_recv_msgs=6/);
});

test('behind NAT two relays need the private address to be allowed, as the file says', async (t) => {
  const nat = '--external-ip=203.0.113.7/127.0.0.1';
  const closed = await startCoturn(t, secret, [nat]);
  assert.match((await talkThrough(closed)).out, /error 403 \(Forbidden IP\)/);
  const open = await startCoturn(t, secret, [nat, '--allow-loopback-peers', '--allowed-peer-ip=127.0.0.1']);
  const { code, out } = await talkThrough(open);
  assert.equal(code, 0, out);
  assert.match(out, /tot_send_msgs=6, tot_recv_msgs=6/);
});
