// What one connection, one user, one address and the whole server may take.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from './support/server.mjs';
import { ann, bob } from './support/users.mjs';

// Opens connections until one is let in: a place becomes free a moment after its connection has ended.
async function letInAgain(server) {
  for (let attempt = 0; attempt < 1000; ++attempt) {
    if ((await server.fetch('/healthz')).status === 200) return;
  }
  assert.fail('nobody is let in again');
}

// The same of a user, whose home may be told on another thread.
async function signedInAgain(server) {
  for (let attempt = 0; attempt < 1000; ++attempt) {
    const client = await server.open();
    const { ok, error } = await client.request({ op: 'connect', token: server.token(ann) });
    if (ok) return;
    assert.equal(error.reason, 'too_many_connections');
  }
  assert.fail('the user is not let in again');
}

for (const [setting, status] of [
  ['limits.connections_per_address_max', 429],
  ['limits.connections_max', 503],
]) {
  test(`above ${setting} one more gets ${status} and is told when to come back`, async (t) => {
    const server = await startServer(t, { settings: { [setting]: 2 } });
    const first = await server.signIn(ann);
    await server.signIn(ann);
    for (const refused of [
      await server.refusal(),
      await server.fetch('/healthz'),
      await server.fetch('/', { method: 'HEAD' }),
    ]) {
      assert.equal(refused.status, status);
      assert.ok(Number(refused.headers['retry-after']) > 0);
      assert.ok(refused.body === '' || refused.body.includes(setting));
    }
    assert.ok((await first.request({ op: 'leave' })).ok);
    first.destroy();
    await letInAgain(server);
  });
}

test('one user may have so many connections; the next one closes with 4005, others are not concerned', async (t) => {
  const server = await startServer(t, { settings: { 'limits.connections_per_user_max': 2, 'server.workers': 2 } });
  const first = await server.signIn(ann);
  const second = await server.signIn(ann);
  const third = await server.open();
  const { error } = await third.request({ op: 'connect', token: server.token(ann) });
  assert.deepEqual([error.reason, error.retry], ['too_many_connections', true]);
  assert.equal((await third.closed()).code, 4005);
  await server.signIn(bob);

  assert.ok((await second.post({ user: ann }, '"still here"')).ok);
  for (const client of [first, second]) assert.equal((await client.event()).data, 'still here');
  await second.close();
  await signedInAgain(server);
});

test('commands above the rate are not carried out and told when to try again; heartbeats do not count', async (t) => {
  const server = await startServer(t, { settings: { 'limits.commands_per_second': 1, 'limits.commands_burst': 4 } });
  const member = await server.member(bob, 'busy');
  const client = await server.member(ann, 'busy');
  assert.equal((await member.event()).code, 'USER_JOINED');
  client.sendText(Array(100).fill('{}').join('\n'));
  const posts = Array.from({ length: 12 }, (_, n) => client.command({ op: 'post', to: 'busy', data: n }));
  client.sendText(posts.map(({ text }) => text).join('\n'));
  const replies = await Promise.all(posts.map(({ id }) => client.reply(id)));

  // Two of the burst are left after connect and join, or more if this machine took seconds for them.
  const accepted = replies.findIndex(({ ok }) => !ok);
  assert.ok(accepted >= 2 && accepted <= 4, String(accepted));
  for (const { error } of replies.slice(accepted)) {
    assert.deepEqual([error.reason, error.retry], ['rate_limited', true]);
    assert.ok(error.retry_after_ms > 0 && error.retry_after_ms <= 1000, String(error.retry_after_ms));
  }
  for (let n = 0; n < accepted; ++n) assert.equal((await member.event()).data, n);
  await member.post('busy', '"fence"');
  assert.equal((await member.event()).data, 'fence');
});

test('names have their limits in bytes, and the answer says which', async (t) => {
  const server = await startServer(t, { settings: { 'limits.group_name_bytes_max': 8 } });
  const client = await server.signIn(ann);
  for (const group of ['', '123456789', 'äöüäö', 'a\u0000b', 'a\u0085b', 7, null]) {
    const { error } = await client.request({ op: 'join', group });
    assert.equal(error.code, 'INVALID_PARAMETER', JSON.stringify(group));
    assert.match(error.message, /"group" must/);
  }
  for (const group of ['12345678', 'äöüä', '#% 🫖', ' ']) {
    assert.equal((await client.request({ op: 'join', group })).ok.group, group);
  }
});

test('what is sent before the sign-in is answered is kept only up to the limit of a message', async (t) => {
  // The user's home may be the other worker, and then the answer takes a turn; nothing may be lost either way.
  const server = await startServer(t, { settings: { 'limits.message_bytes_max': 16_384, 'server.workers': 2 } });
  const client = await server.open();
  const { id, text } = client.command({ op: 'connect', token: server.token(ann) });
  const filler = JSON.stringify({ id: 99, op: 'leave', x: 'x'.repeat(10_000) });
  client.sendText(`${text}\n${filler}`);
  assert.ok((await client.reply(id)).ok);
  assert.ok((await client.reply(99)).ok);
});
