// How the server stops.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from './support/server.mjs';
import { ann, bob } from './support/users.mjs';

const settings = { 'drain.spread_ms': 700, 'drain.timeout_ms': 60_000, 'server.workers': 2 };

// A client that does not answer the close frame keeps the server waiting for it, a while.
const lingering = { answersClose: false };

test('SIGTERM tells each client when to come back, closes with 4000, and ends well once they have gone', async (t) => {
  const server = await startServer(t, { settings });
  const members = [];
  for (const user of [ann, bob, ann, bob]) members.push(await server.member(user, 'tea'));
  const unnamed = await server.open();
  server.signal('SIGTERM');
  for (const client of [...members, unnamed]) {
    const { code } = await client.closed();
    assert.equal(code, 4000);
    let event = await client.event();
    while (event.ev === 'notice') event = await client.event();
    assert.equal(event.ev, 'drain');
    assert.ok(Number.isInteger(event.reconnect_in_ms) && event.reconnect_in_ms >= 0 && event.reconnect_in_ms <= 700);
  }
  assert.equal(await server.exited(), 0);
  await server.logged(/stopped: every client was told/);
});

test('nobody is told that the others go while the server stops', async (t) => {
  const server = await startServer(t, { settings });
  const members = [];
  for (let i = 0; i < 8; ++i) {
    const newcomer = await server.member(ann, 'tea');
    for (const member of members) assert.equal((await member.event()).code, 'USER_JOINED');
    members.push(newcomer);
  }
  server.signal('SIGTERM');
  for (const member of members) assert.equal((await member.event()).ev, 'drain');
  for (const member of members) assert.equal((await member.closed()).code, 4000);
});

test('a server without clients stops at once, also on SIGINT, and while a peer keeps an idle connection', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    const server = await startServer(t, { settings });
    const idle = await server.http();
    idle.request('GET', '/healthz', { Host: 'localhost' });
    assert.equal((await idle.response()).status, 200);
    server.signal(signal);
    assert.equal(await server.exited(), 0);
    assert.equal(await idle.ended(), '');
  }
});

test('while it stops it is not healthy, and sends new clients away', async (t) => {
  const server = await startServer(t, { settings });
  const client = await server.signIn(ann, lingering);
  server.signal('SIGTERM');
  await client.closed();
  const { status, body } = await server.fetch('/healthz');
  assert.deepEqual([status, body], [503, 'draining\n']);
  const refused = await server.refusal();
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers['retry-after']) > 0);
});

test('a second signal stops at once', async (t) => {
  const server = await startServer(t, { settings });
  const client = await server.signIn(ann, lingering);
  server.signal('SIGTERM');
  await client.closed();
  server.signal('SIGTERM');
  assert.equal(await server.exited(), 0);
  await server.logged(/a second signal: stopping at once/);
});

test('drain.timeout_ms cuts those who do not go', async (t) => {
  const server = await startServer(t, { settings: { ...settings, 'drain.spread_ms': 100, 'drain.timeout_ms': 100 } });
  const client = await server.signIn(ann, lingering);
  server.signal('SIGTERM');
  assert.equal(await server.exited(), 0);
  await server.logged(/warning.*still there after drain\.timeout_ms/);
  await client.ended();
});
