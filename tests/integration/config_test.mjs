// Settings from the file, the environment and flags: what is refused, and which of them wins.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { ann } from './support/users.mjs';

function configFile(t, text) {
  const file = join(temporaryFolder(t), 'pipit.toml');
  writeFileSync(file, text);
  return file;
}

for (const [name, text, complaint] of [
  [
    'a key that does not exist',
    '[limits]\nmesage_bytes_max = 1024\n',
    /:2.*limits\.mesage_bytes_max; did you mean limits\.message_bytes_max\?/,
  ],
  ['a section that does not exist', '[limit]\nmessage_bytes_max = 1024\n', /did you mean limits/],
  [
    'a value of another type',
    '[limits]\nmessage_bytes_max = "many"\n',
    /message_bytes_max must be an integer from 1024 to 16777216, but is "many"/,
  ],
  ['a value out of range', '[limits]\nmessage_bytes_max = 12\n', /must be an integer from 1024 to 16777216, but is 12/],
  [
    'two values that do not go together',
    '[drain]\nspread_ms = 9000\ntimeout_ms = 8000\n',
    /drain\.spread_ms \(9000\) must be at most drain\.timeout_ms \(8000\)/,
  ],
  [
    'an issuer without an audience',
    '[[auth.issuers]]\nissuer = "https://id.example"\njwks_file = "x"\n',
    /audiences must name at least one/,
  ],
  ['text that is not TOML', 'limits = = 3\n', /not TOML/],
]) {
  test(`config check refuses ${name} and names the place`, async (t) => {
    const file = configFile(t, text);
    const { code, out, err } = await run(['config', 'check', '--config', file]);
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.ok(err.includes(file) || err.includes('drain.'), err);
    assert.match(err, complaint);
  });
}

test('every problem is told at once', async (t) => {
  const file = configFile(t, '[limits]\nmessage_bytes_max = 12\n[log]\nlevel = "loud"\n');
  const { err } = await run(['config', 'check', '--config', file, '--set', 'nothing.here=1']);
  assert.equal(err.trim().split('\n').length, 3);
});

test('a file that is not there is named', async (t) => {
  const file = join(temporaryFolder(t), 'pipit.toml');
  const { code, err } = await run(['config', 'check', '--config', file]);
  assert.equal(code, 2);
  assert.ok(err.includes(`${file}: No such file`), err);
});

test('an unknown PIPIT_ variable stops the server before it starts', async (t) => {
  const env = { PIPIT_LIMITS_CONECTIONS_MAX: '3' };
  const { code, err } = await run(['serve', '--listen', '127.0.0.1:0', '--data', temporaryFolder(t)], { env });
  assert.equal(code, 2);
  assert.match(err, /PIPIT_LIMITS_CONECTIONS_MAX.*did you mean PIPIT_LIMITS_CONNECTIONS_MAX\?/);
});

test('a variable out of range is named as the variable', async () => {
  const { code, err } = await run(['config', 'check'], { env: { PIPIT_SERVER_WORKERS: '-1' } });
  assert.equal(code, 2);
  assert.match(err, /PIPIT_SERVER_WORKERS: server\.workers must be an integer from 0 to 1024, but is -1/);
});

test('what config default prints is a file that loads', async (t) => {
  const printed = await run(['config', 'default']);
  assert.equal(printed.code, 0);
  const checked = await run(['config', 'check', '--config', configFile(t, printed.out)]);
  assert.deepEqual(checked, { code: 0, out: 'ok\n', err: '' });
});

test('config check refuses secret files that the server would refuse, all of them at once', async (t) => {
  const folder = temporaryFolder(t);
  const open = join(folder, 'open.secret');
  writeFileSync(open, `${'c2VjcmV0'.repeat(8)}\n`, { mode: 0o644 });
  const short = join(folder, 'short.secret');
  writeFileSync(short, 'short\n', { mode: 0o600 });
  const settings = ['turn.urls=turn:turn.example', `turn.secret_file=${short}`, `auth.secret_file=${open}`];
  const { code, out, err } = await run(['config', 'check', ...settings.flatMap((setting) => ['--set', setting])]);
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, new RegExp(`${open} can be used by others.*\\n.*${short} must hold one line of 16 bytes`));
});

test('a certificate that is not there, or is none, is refused by config check, and by the server', async (t) => {
  const folder = temporaryFolder(t);
  const none = join(folder, 'none.pem');
  const empty = join(folder, 'empty.pem');
  writeFileSync(empty, '');
  for (const [file, why] of [[none, 'No such file or directory'], [empty, 'no start line']]) {
    const settings = ['--set', `tls.certificate_file=${file}`, '--set', `tls.key_file=${file}`];
    const complaint = `tls.certificate_file "${file}" cannot be used: ${why}`;
    const checked = await run(['config', 'check', ...settings]);
    assert.deepEqual([checked.code, checked.out, checked.err], [2, '', `${complaint}\n`]);
    const served = await run(['serve', '--data', folder, '--listen', '127.0.0.1:0', ...settings]);
    assert.equal(served.code, 1);
    assert.ok(served.out.includes(complaint), served.out);
  }
});

test('a push.ca_file that has no certificates is refused by config check, and by the server', async (t) => {
  const folder = temporaryFolder(t);
  const empty = join(folder, 'empty.pem');
  writeFileSync(empty, '');
  for (const file of [join(folder, 'none.pem'), empty]) {
    const checked = await run(['config', 'check', '--set', `push.ca_file=${file}`]);
    assert.deepEqual([checked.code, checked.out], [2, '']);
    assert.match(checked.err, new RegExp(`^push\\.ca_file "${file}" cannot be used: `));
    const served = await run(['serve', '--data', folder, '--listen', '127.0.0.1:0', '--set', `push.ca_file=${file}`]);
    assert.equal(served.code, 1);
    assert.match(served.out, new RegExp(`push\\.ca_file "${file}" cannot be used: `));
    assert.doesNotMatch(served.out, /push\.subject/);
  }
});

test('the file is overridden by the environment, and that by flags', async (t) => {
  const file = configFile(t, '[limits]\ncommands_burst = 11\ncommands_per_second = 21\ngroup_name_bytes_max = 31\n');
  const env = { PIPIT_CONFIG: file, PIPIT_LIMITS_COMMANDS_PER_SECOND: '22', PIPIT_LIMITS_GROUP_NAME_BYTES_MAX: '32' };
  const server = await startServer(t, { env, settings: { 'limits.group_name_bytes_max': 33 } });
  const { limits } = (await server.signIn(ann)).welcome;
  assert.equal(limits.commands_burst, 11);
  assert.equal(limits.commands_per_second, 22);
  assert.equal(limits.group_name_bytes, 33);
});
