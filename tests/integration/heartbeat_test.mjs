// Connections that are silent, and readers that are slow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startServer } from './support/server.mjs';
import { ann, bob, eve } from './support/users.mjs';

// Who answers is not taken for silent, however slow this machine is.
const heartbeat = { 'heartbeat.ping_interval_ms': 2_000, 'heartbeat.pong_timeout_ms': 2_000 };

test('a silent client is closed with 4003, and the others get one notice', async (t) => {
  const server = await startServer(t, { settings: heartbeat });
  const member = await server.member(ann, 'quiet');
  const silent = await server.member(bob, 'quiet', { answersHeartbeats: false, answersClose: false });
  const cid = silent.welcome.cid;
  assert.equal((await member.event()).code, 'USER_JOINED');
  assert.equal((await silent.closed()).code, 4003);

  const notice = await member.event();
  assert.deepEqual([notice.code, notice.user, notice.cid], ['USER_DISCONNECTED', bob, cid]);
  silent.destroy();
  await server.signIn(bob); // its turn comes after the end of the silent connection
  await member.post('quiet', '"fence"');
  assert.equal((await member.event()).data, 'fence');
});

test('who answers heartbeats, or only pings, stays', async (t) => {
  const server = await startServer(t, { settings: heartbeat });
  const answering = await server.signIn(ann);
  const pinging = await server.signIn(ann, { answersHeartbeats: false });
  const silent = await server.signIn(bob, { answersHeartbeats: false });
  const ping = setInterval(() => pinging.ping(), 50);
  t.after(() => clearInterval(ping));
  assert.equal((await silent.closed()).code, 4003);
  for (const client of [answering, pinging]) assert.ok((await client.request({ op: 'leave' })).ok);
});

test('a member that stops reading is closed with 4002; nobody else notices more than a notice', async (t) => {
  const settings = {
    'presence.grace_ms': 0, // the notice is what tells the others that it was closed
    'limits.outbox_bytes_max': 262_144,
    'limits.commands_burst': 10_000,
    'limits.commands_per_second': 10_000,
  };
  // AddressSanitizer would keep what was freed, and make the memory look used.
  const env = { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1` };
  const server = await startServer(t, { settings, env });
  const [poster, reader] = [await server.member(ann, 'flood'), await server.member(bob, 'flood')];
  const slow = await server.member(eve, 'flood');
  assert.equal((await poster.event()).user, bob);
  for (const client of [poster, reader]) assert.equal((await client.event()).user, eve);

  slow.pause();
  const data = JSON.stringify('x'.repeat(50_000));
  const before = server.residentBytes();
  let peak = before;
  let expected = 0;
  // Until the notice comes; the kernel's buffers take several megabytes before anything waits in the server.
  for (let noticed = false; !noticed; ++expected) {
    assert.ok(expected < 2_000, 'the slow reader was never closed');
    assert.ok((await poster.post('flood', data)).ok);
    for (let event = await reader.event(); event.ev === 'notice'; event = await reader.event()) {
      assert.deepEqual([event.code, event.user], ['USER_DISCONNECTED', eve]);
      noticed = true;
    }
    peak = Math.max(peak, server.residentBytes());
  }
  assert.ok(peak - before < 16 << 20, `the server took ${(peak - before) >> 20} MiB`);

  slow.resume();
  assert.equal((await slow.closed()).code, 4002);
  await reader.post('flood', '"fence"');
  assert.equal((await reader.event()).data, 'fence');
});

test('a member that stalls and reads on while others go on posting misses nothing', async (t) => {
  const settings = {
    'server.workers': 1,
    'limits.outbox_bytes_max': 268_435_456,
    'limits.commands_burst': 100_000,
    'limits.commands_per_second': 100_000,
  };
  const server = await startServer(t, { settings });
  const stalling = await server.member(eve, 'tide');
  const posters = [];
  for (let i = 0; i < 8; ++i) {
    posters.push(await server.member(i % 2 ? ann : bob, 'tide'));
    assert.equal((await stalling.event()).code, 'USER_JOINED');
  }
  const first = posters.length + 1;
  const data = JSON.stringify('x'.repeat(40_000));
  const post = (some) => some.map((poster) => poster.post('tide', data));
  let posted = 0;
  const accepted = async (replies) => {
    for (const reply of await Promise.all(replies)) assert.ok(reply.ok);
    posted += replies.length;
  };
  stalling.pause();
  while (posted < 400) await accepted(post(posters)); // more than the kernel's buffers take
  for (let round = 0; round < 15; ++round) {
    // While the server is stopped, its socket becomes writable between the posts of one half and those of the other,
    // so that one loop turn finds all of it.
    server.signal('SIGSTOP');
    const early = post(posters.slice(0, 4));
    await pause(20);
    stalling.resume();
    await pause(40);
    stalling.pause();
    const late = post(posters.slice(4));
    await pause(20);
    server.signal('SIGCONT');
    await accepted([...early, ...late]);
  }
  stalling.resume();
  for (let offset = first; offset < first + posted; ++offset) {
    const event = await stalling.event();
    assert.equal(event.offset, offset, 'an event is missing');
  }
});
