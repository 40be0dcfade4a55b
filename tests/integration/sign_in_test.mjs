// Signing in with the server's own tokens: what closes the connection and how, and what a token allows.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startServer } from './support/server.mjs';
import { SigningKey, inSeconds, signHs256 } from './support/tokens.mjs';
import { ann, bob } from './support/users.mjs';

const server = await startServer({ after });

// A connection that tries to sign in: the error of the reply and the close code.
async function refusedWith(token) {
  const client = await server.open();
  const { error } = await client.request({ op: 'connect', token });
  return [error.reason, (await client.closed()).code];
}

const swapped = (token, part, text) =>
  token
    .split('.')
    .map((old, i) => (i === part ? text : old))
    .join('.');
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

for (const [name, token] of [
  ['nonsense', () => 'nonsense'],
  [
    'a signature of another secret',
    () => signHs256('another secret of 32 bytes or so', { iss: 'pipit', sub: ann, exp: inSeconds(60) }),
  ],
  ['a changed claim', () => swapped(server.token(ann), 1, encoded({ iss: 'pipit', sub: bob, exp: inSeconds(60) }))],
  ['no signature (alg none)', () => `${encoded({ alg: 'none' })}.${server.token(ann).split('.')[1]}.`],
  ['alg none and our signature', () => swapped(server.token(ann), 0, encoded({ alg: 'none', typ: 'JWT' }))],
  ['a key of its own', () => new SigningKey('ES256', 'mine').sign({ iss: 'pipit', sub: ann, exp: inSeconds(60) })],
  ['an unknown issuer', () => server.token(ann, { iss: 'https://evil.example' })],
  ['no user', () => server.token(undefined)],
  ['an empty user', () => server.token('')],
  ['a user with control characters', () => server.token('a\nb')],
  ['a user id that is too long', () => server.token('x'.repeat(256))],
  ['no expiry', () => server.token(ann, { exp: undefined })],
  ['an expiry that is text', () => server.token(ann, { exp: '2999' })],
  ['a begin in the future', () => server.token(ann, { nbf: inSeconds(60) })],
  ['groups that are no list of text', () => server.token(ann, { groups: [1] })],
]) {
  test(`a token with ${name} is refused and closes with 4500`, async () => {
    assert.deepEqual(await refusedWith(token()), ['token_refused', 4500]);
  });
}

test('a token that is missing everywhere is refused and closes with 4500', async () => {
  assert.deepEqual(await refusedWith(undefined), ['token_refused', 4500]);
});

test('a token that has run out is refused and closes with 4001, which lets the client come back', async () => {
  assert.deepEqual(await refusedWith(server.token(ann, { exp: inSeconds(-60) })), ['token_expired', 4001]);
});

test('a token of the wrong kind is answered, and the connection may try again', async () => {
  const client = await server.open();
  assert.equal((await client.request({ op: 'connect', token: 7 })).error.reason, 'invalid_parameter');
  assert.equal((await client.request({ op: 'connect', token: server.token(ann) })).ok.user, ann);
});

test('a first command that is not connect is answered and closes with 4502', async () => {
  const client = await server.open();
  assert.equal((await client.request({ op: 'join', group: 'tea' })).error.reason, 'not_signed_in');
  assert.equal((await client.closed()).code, 4502);
});

test('nothing is carried out behind a sign-in that fails', async () => {
  const member = await server.member(ann, 'guarded');
  const client = await server.open();
  const commands = [client.command({ op: 'connect', token: 'no' }), client.command({ op: 'join', group: 'guarded' })];
  client.sendText(commands.map(({ text }) => text).join('\n'));
  assert.equal((await client.closed()).code, 4500);
  assert.ok((await member.post('guarded', '"fence"')).ok);
  assert.equal((await member.event()).data, 'fence');
});

test('who does not sign in in time is closed with 4004, also while sending heartbeats', async (t) => {
  const impatient = await startServer(t, { settings: { 'limits.sign_in_timeout_ms': 200 } });
  const client = await impatient.open();
  client.sendText('{}');
  assert.equal((await client.closed()).code, 4004);
});

test('a token of the own secret needs no issuer', async () => {
  assert.equal((await server.signIn(ann, { token: server.token(ann, { iss: undefined }) })).welcome.user, ann);
});

test('a second connect is answered with an error, and the connection stays', async () => {
  const client = await server.signIn(ann);
  assert.equal((await client.request({ op: 'connect', token: server.token(ann) })).error.reason, 'already_signed_in');
  assert.ok((await client.request({ op: 'leave' })).ok);
});

test('the answer to connect says who one is and what the limits are', async () => {
  const { welcome } = await server.signIn(ann, { token: server.token(ann, { exp: inSeconds(3600) }) });
  assert.equal(welcome.user, ann);
  assert.match(welcome.cid, /^cid:[A-Za-z0-9_-]{16}$/);
  assert.match(welcome.server, /^pipit\/\d+\.\d+\.\d+$/);
  assert.ok(welcome.token_expires_in_ms > 3_590_000 && welcome.token_expires_in_ms <= 3_600_000);
  assert.deepEqual([welcome.ping_interval_ms, welcome.pong_timeout_ms], [25_000, 8_000]);
  assert.deepEqual(welcome.limits, {
    message_bytes: 65536,
    commands_per_second: 100,
    commands_burst: 200,
    group_name_bytes: 255,
    user_id_bytes: 255,
    key_window_ms: 300_000,
  });
});

test('auth.audiences demands an audience of our own tokens too', async (t) => {
  const strict = await startServer(t, { settings: { 'auth.audiences': 'chat' } });
  const client = await strict.open();
  assert.equal(
    (await client.request({ op: 'connect', token: strict.token(ann, { aud: 'shop' }) })).error.reason,
    'token_refused',
  );
  assert.equal((await strict.signIn(ann, { token: strict.token(ann, { aud: ['shop', 'chat'] }) })).welcome.user, ann);
});

test('a token opens the groups that it names, and no others', async () => {
  const client = await server.signIn(ann, { token: server.token(ann, { groups: ['tea-*', 'lobby'] }) });
  for (const group of ['cellar', 'tea', 'lobby2', 'Lobby']) {
    const { error } = await client.request({ op: 'join', group });
    assert.equal(error.reason, 'group_not_allowed', group);
    assert.equal(error.message, 'No permission to join this group.');
  }
  for (const group of ['tea-room', 'lobby'])
    assert.equal((await client.request({ op: 'join', group })).ok.group, group);
});

test('refresh refuses another user and a bad token, and leaves the connection as it was', async () => {
  const client = await server.member(ann, 'kept');
  assert.equal((await client.request({ op: 'refresh', token: server.token(bob) })).error.reason, 'other_user');
  assert.equal((await client.request({ op: 'refresh', token: 'no' })).error.reason, 'token_refused');
  assert.equal(
    (await client.request({ op: 'refresh', token: server.token(ann, { exp: inSeconds(-60) }) })).error.reason,
    'token_expired',
  );
  assert.ok((await client.post('kept', '1')).ok);
});

test('refresh renews the token: what it allows counts at once, and the group is kept', async () => {
  const client = await server.member(ann, 'kept-too');
  const narrow = server.token(ann, { exp: inSeconds(3600), groups: ['tea'] });
  const { ok } = await client.request({ op: 'refresh', token: narrow });
  assert.ok(ok.token_expires_in_ms > 3_590_000);
  assert.ok((await client.post('kept-too', '1')).ok);
  assert.equal((await client.request({ op: 'join', group: 'other' })).error.reason, 'group_not_allowed');
});

test('a token is asked for before it runs out, and the end of it closes with 4001', async () => {
  const client = await server.signIn(ann, { token: server.token(ann, { exp: inSeconds(2) }) });
  const event = await client.event();
  assert.equal(event.ev, 'token');
  assert.ok(event.expires_in_ms <= 2_000);
  assert.equal((await client.closed()).code, 4001);
});

test('who refreshes in time stays', async () => {
  const client = await server.signIn(ann, { token: server.token(ann, { exp: inSeconds(2) }) });
  const shortLived = await server.signIn(ann, { token: server.token(ann, { exp: inSeconds(3) }) });
  assert.ok((await client.request({ op: 'refresh', token: server.token(ann) })).ok);
  assert.equal((await shortLived.closed()).code, 4001); // by now the first token has run out, too
  assert.ok((await client.request({ op: 'leave' })).ok);
});
