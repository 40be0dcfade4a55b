// The command line: what is refused, what is printed where, and what the process ends with.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { ann } from './support/users.mjs';

for (const [name, args, complaint] of [
  ['no command', [], /subcommand is required/],
  ['an unknown command', ['sevre'], /sevre: there is no such command; did you mean serve\?/],
  ['an unknown flag', ['serve', '--porrt', '80'], /--porrt/],
  ['a token for nobody', ['token'], /--user is required/],
  ['a length of time without a unit', ['token', '--user', ann, '--ttl', '90'], /90s, 15m, 24h or 7d/],
  ['an assignment without a key', ['serve', '--set', '=1'], /KEY=VALUE/],
]) {
  test(`refuses ${name} with exit code 2 and on standard error`, async () => {
    const { code, out, err } = await run(args);
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.match(err, complaint);
  });
}

test('--help shows every command, examples and the exit codes, on standard output', async () => {
  const { code, out, err } = await run(['--help']);
  assert.equal(code, 0);
  assert.equal(err, '');
  for (const word of ['serve', 'token', 'config', 'Examples:', 'Exit codes:']) assert.ok(out.includes(word), word);
});

test('--version names the program and its version', async () => {
  const { code, out } = await run(['--version']);
  assert.equal(code, 0);
  assert.match(out, /^pipit \d+\.\d+\.\d+\n$/);
});

test('a data folder is one server’s at a time', async (t) => {
  const server = await startServer(t);
  const second = await run(['serve', '--listen', '127.0.0.1:0', '--data', server.data]);
  assert.equal(second.code, 1);
  assert.ok(second.out.includes(`another server uses the data folder ${server.data}: give each its own`), second.out);
  assert.equal((await run(['token', '--user', ann, '--data', server.data])).code, 0);
  await server.kill();
  await startServer(t, { data: server.data });
});

test('a data folder that cannot be one is named', async (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  const { code, out } = await run(['serve', '--listen', '127.0.0.1:0', '--data', file]);
  assert.equal(code, 1);
  assert.ok(out.includes(`the data folder ${file}`), out);
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'server.lock'));
  const locked = await run(['serve', '--listen', '127.0.0.1:0', '--data', folder]);
  assert.equal(locked.code, 1);
  assert.ok(locked.out.includes(`cannot write ${folder}/server.lock: Is a directory`), locked.out);
});

test('tokens of the public client tell when they are for a server that may not be meant', async (t) => {
  const data = temporaryFolder(t);
  const print = (...more) => run(['token', '--skapi', '--user', ann, '--data', data, ...more]);
  const { code, out, err } = await print();
  assert.equal(code, 0);
  assert.ok(JSON.parse(out).accessToken);
  assert.match(err, /There is no service in these settings/);
  const named = await print('--service', 'us31abcdefgh', '--owner', ann);
  assert.deepEqual([named.code, named.err], [0, '']);
});

test('a token secret that others can read is refused with the command that helps', async (t) => {
  const data = temporaryFolder(t);
  const file = join(data, 'keys', 'token.secret');
  mkdirSync(join(data, 'keys'));
  writeFileSync(file, 'A'.repeat(43) + '\n');
  chmodSync(file, 0o644);

  const token = await run(['token', '--user', ann, '--data', data]);
  assert.equal(token.code, 1);
  assert.ok(token.err.includes(`run: chmod 600 ${file}`), token.err);
  assert.equal(token.out, '');

  const serve = await run(['serve', '--listen', '127.0.0.1:0', '--data', data]);
  assert.equal(serve.code, 1);
  assert.ok(serve.out.includes(`run: chmod 600 ${file}`), serve.out);

  chmodSync(file, 0o600);
  assert.equal((await run(['token', '--user', ann, '--data', data])).code, 0);
});

test('a secret file that the operator names is never made up', async (t) => {
  const file = join(temporaryFolder(t), 'missing.secret');
  const { code, err } = await run(['token', '--user', ann, '--set', `auth.secret_file=${file}`]);
  assert.equal(code, 1);
  assert.ok(err.includes(file), err);
});

test('a port that is taken is named', async (t) => {
  const server = await startServer(t);
  const { code, out } = await run(['serve', '--listen', `127.0.0.1:${server.port}`, '--data', temporaryFolder(t)]);
  assert.equal(code, 1);
  assert.match(out, new RegExp(`cannot listen on 127\\.0\\.0\\.1:${server.port}: Address already in use; choose another .* --listen`));
});

test('a token is accepted by the server with the same data folder, whichever came first', async (t) => {
  const data = temporaryFolder(t);
  const before = await run(['token', '--user', ann, '--data', data]);
  assert.match(before.out, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  assert.match(before.err, new RegExp(`^Made a new secret, ${join(data, 'keys', 'token.secret')}: `));
  assert.equal(statSync(join(data, 'keys')).mode & 0o777, 0o700);
  assert.equal(statSync(join(data, 'keys', 'token.secret')).mode & 0o777, 0o600);

  const server = await startServer(t, { data });
  const after = await run(['token', '--user', ann, '--data', data, '--admin', '--ttl', '15m']);
  assert.equal(after.err, '');
  for (const { out } of [before, after]) {
    const client = await server.signIn(ann, { token: out.trim() });
    assert.equal(client.welcome.user, ann);
  }
});

test('a token is for the first audience that the server demands', async (t) => {
  const settings = { 'auth.audiences': 'chat,shop' };
  const server = await startServer(t, { settings: { 'auth.audiences': 'chat,shop' } });
  const refused = await (await server.open()).request({ op: 'connect', token: server.token(ann) });
  assert.equal(refused.error.reason, 'token_refused');
  const { out } = await run(['token', '--user', ann, '--data', server.data, '--set', 'auth.audiences=chat,shop']);
  assert.equal((await server.signIn(ann, { token: out.trim() })).welcome.user, ann);
});

test('the flags of a token say what it may do, and for how long', async (t) => {
  const server = await startServer(t);
  const args = [
    'token',
    '--user',
    ann,
    '--data',
    server.data,
    '--groups',
    'tea-*',
    '--groups',
    'lobby',
    '--ttl',
    '90s',
  ];
  const { out } = await run(args);
  const client = await server.signIn(ann, { token: out.trim() });
  assert.ok(client.welcome.token_expires_in_ms <= 90_000 && client.welcome.token_expires_in_ms > 60_000);
  assert.equal((await client.request({ op: 'join', group: 'cellar' })).error.reason, 'group_not_allowed');
  assert.equal((await client.request({ op: 'join', group: 'tea-room' })).ok.group, 'tea-room');
  assert.equal((await client.request({ op: 'join', group: 'lobby' })).ok.group, 'lobby');
});
