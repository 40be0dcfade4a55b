// What the log says, and what it must not.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { ann } from './support/users.mjs';

test('no part of a token is ever logged, however its client behaves', async (t) => {
  const server = await startServer(t, { flags: ['--dev', '--log-level', 'debug'] });
  const tokens = [
    server.token(ann),
    server.token(ann, { exp: 1 }),
    server.token('x\ny'),
    server.token(ann, { iss: 'evil' }),
  ];
  const asked = await server.fetch(`/dev/token?user=${ann}`);
  tokens.push(JSON.parse(asked.body).token);
  for (const token of tokens) {
    const inConnect = await server.open();
    await inConnect.request({ op: 'connect', token });
    await inConnect.request({ op: 'refresh', token }).catch(() => {});
    const inHandshake = await server.open({ protocols: ['pipit.v1', `pipit.token.${token}`] });
    await inHandshake.request({ op: 'connect', client: 'log_test/1' });
    const garbled = await server.open();
    garbled.sendText(`{"id":1,"op":"connect","token":"${token}`);
    assert.equal((await garbled.closed()).code, 4501);
    const elsewhere = await server.http();
    elsewhere.request('GET', `/v1/realtime?token=${token}`, { Host: 'localhost', Authorization: `Bearer ${token}` });
    assert.equal((await elsewhere.response()).status, 426);
  }
  const from = server.log.length;
  (await server.signIn(ann)).destroy();
  await server.logged(/has gone/, from); // the log is as long as it gets
  await server.stop();

  const log = server.log.join('\n');
  assert.match(log, /debug/);
  const parts = tokens.flatMap((token) => token.split('.').slice(1));
  for (const part of parts) assert.ok(!log.includes(part), `the log has "${part}"`);
});

test('the log begins with where all is kept, what of it, and what was set for nothing', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'pipit.toml');
  writeFileSync(file, `[[skapi.services]]\nid = "us31abcdefgh"\nowner = "${ann}"\n[history]\ndurable_groups = ["chat-*", "den"]\n`);
  const server = await startServer(t, { flags: ['--config', file] });
  await server.logged(new RegExp(`the data folder is ${server.data}`));
  await server.logged(/kept there: the histories of the groups chat-\*, den/);
  await server.logged(/skapi\.services are set, but not skapi\.enabled/);
});

test('every line of log.format=json is a JSON object, whatever stands in it', async (t) => {
  const flags = ['--log-level', 'debug', '--set', 'log.format=json'];
  const server = await startServer(t, { flags });
  const user = 'quotes " and \\ backslashes';
  const client = await server.signIn(user);
  client.sendText('no "JSON"');
  assert.equal((await client.closed()).code, 4501);
  client.destroy();
  await server.logged(/has gone/);
  await server.stop();

  const lines = server.log.map((line) => JSON.parse(line));
  for (const { time, level, message } of lines) {
    assert.ok(!Number.isNaN(Date.parse(time)), time);
    assert.match(level, /^(debug|info|warning|error)$/);
    assert.equal(typeof message, 'string');
  }
  assert.ok(lines.some(({ message }) => message.includes(user)));
});
