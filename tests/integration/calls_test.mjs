// Calls between connections on several threads of a real server: who rings when, and what is left when a side, its
// process or the server is gone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { ann, bob, eve } from './support/users.mjs';

const many = { 'limits.commands_per_second': 100_000, 'limits.commands_burst': 100_000, 'server.workers': 4 };
// What is told of a connection that is lost is told without waiting for the place that is kept for it.
const server = await startServer({ after }, { settings: { ...many, 'presence.grace_ms': 60_000 } });

const cidOf = (client) => client.welcome.cid;

// The id of a call that rings.
async function call(caller, to, data = 'offer') {
  const { ok, error } = await caller.request({ op: 'call', to, data });
  assert.ok(ok, JSON.stringify(error));
  return ok.call;
}

// What comes next of calls; notices of the group are skipped.
async function callEvent(client) {
  for (;;) {
    const event = await client.event();
    if (event.ev !== 'notice') return event;
  }
}

async function assertEnded(client, id, reason) {
  const event = await callEvent(client);
  assert.deepEqual([event.ev, event.call, event.reason], ['ended', id, reason], event.json);
}

async function assertRings(client, id, caller) {
  const event = await callEvent(client);
  assert.deepEqual([event.ev, event.call, event.cid], ['ring', id, cidOf(caller)], event.json);
  return event;
}

// A call that was accepted: its id and both tickets.
async function talk(caller, callee) {
  const id = await call(caller, { cid: cidOf(callee) });
  await assertRings(callee, id, caller);
  const { ok } = await callee.request({ op: 'accept', call: id, data: 'answer' });
  const accepted = await callEvent(caller);
  assert.deepEqual([accepted.ev, accepted.cid, accepted.data], ['accepted', cidOf(callee), 'answer']);
  return { id, callersTicket: accepted.ticket, calleesTicket: ok.ticket };
}

// One of the other side's signals.
async function assertHears(client, id, data) {
  const event = await callEvent(client);
  assert.deepEqual([event.ev, event.call, event.data], ['signal', id, data], event.json);
}

test('a call to nobody, and to somebody in another group, is refused at once and alike', async () => {
  const caller = await server.member(ann, 'refused');
  const elsewhere = await server.member(bob, 'elsewhere');
  const answers = [];
  for (const to of [{ user: eve }, { user: bob }, { cid: cidOf(elsewhere) }, { cid: 'cid:9fK2Zr0aQw_XcV1B' }]) {
    const { error } = await caller.request({ op: 'call', to });
    answers.push(JSON.stringify(error));
  }
  assert.equal(new Set(answers).size, 1, answers.join('\n'));
  assert.equal(JSON.parse(answers[0]).reason, 'callee_not_found');
});

test('signals arrive in the order in which they were sent, whatever is in them', async () => {
  const caller = await server.member(ann, 'order');
  const callee = await server.member(bob, 'order');
  const { id } = await talk(caller, callee);
  const sent = [];
  for (let i = 0; i < 500; i += 1) {
    sent.push({ i, text: '%"\u{1f375}'.repeat(i % 50) });
    caller.sendText(JSON.stringify({ id: 1_000_000 + i, op: 'signal', call: id, data: sent[i] }));
  }
  for (const data of sent) await assertHears(callee, id, data);
  await callee.request({ op: 'hangup', call: id });
  await assertEnded(caller, id, 'hung_up');
});

test('all devices of a user ring, one that accepts has the call and the others stop', async () => {
  const caller = await server.member(ann, 'devices');
  const devices = [];
  for (let i = 0; i < 8; i += 1) devices.push(await server.member(bob, 'devices'));
  const id = await call(caller, { user: bob });
  await caller.request({ op: 'signal', call: id, data: 'candidate' });
  for (const device of devices) await assertRings(device, id, caller);
  // All at once: only one of them can have it.
  const answers = await Promise.all(devices.map((device) => device.request({ op: 'accept', call: id })));
  assert.equal(answers.filter(({ ok }) => ok).length, 1);
  for (const [index, answer] of answers.entries()) {
    if (answer.ok) {
      await assertHears(devices[index], id, 'candidate');
    } else {
      assert.equal(answer.error.reason, 'not_in_call');
      await assertEnded(devices[index], id, 'answered_elsewhere');
    }
  }
});

test('nobody who did not ring, and no other, gets into a call', async () => {
  const caller = await server.member(ann, 'private');
  const callee = await server.member(bob, 'private');
  const stranger = await server.member(eve, 'private');
  const { id, calleesTicket } = await talk(caller, callee);
  for (const command of [
    { op: 'accept', call: id },
    { op: 'signal', call: id, data: 1 },
    { op: 'reattach', ticket: calleesTicket },
  ]) {
    const { error } = await stranger.request(command);
    assert.equal(error.code, command.op === 'reattach' ? 'INVALID_PARAMETER' : 'INVALID_REQUEST');
  }
  await stranger.request({ op: 'hangup', call: id });
  await caller.request({ op: 'signal', call: id, data: 'still here' });
  await assertHears(callee, id, 'still here');
});

test('ringing that nobody answers ends for all after the time that is set', async (t) => {
  const brief = await startServer(t, { settings: { ...many, 'calls.ring_timeout_ms': 1_000 } });
  const caller = await brief.member(ann, 'brief');
  const callee = await brief.member(bob, 'brief');
  const before = performance.now();
  const id = await call(caller, { user: bob });
  await assertRings(callee, id, caller);
  await assertEnded(callee, id, 'timeout');
  await assertEnded(caller, id, 'timeout');
  assert.ok(performance.now() - before >= 1_000);
});

test('everyone may be called, or nobody, when that is set', async (t) => {
  const [open, closed] = await Promise.all(
    ['everyone', 'nobody'].map((allow) => startServer(t, { settings: { ...many, 'calls.allow': allow } })),
  );
  const [caller, callee] = [await open.signIn(ann), await open.signIn(bob)];
  await talk(caller, callee);
  const [mute, deaf] = [await closed.member(ann, 'x'), await closed.member(bob, 'x')];
  const { error } = await mute.request({ op: 'call', to: { cid: cidOf(deaf) } });
  assert.equal(error.reason, 'not_permitted');
});

// A process of its own that signs in as `user`, joins, and does what support/callee.mjs says.
async function otherProcess(t, user, group, does) {
  const child = spawn(
    process.execPath,
    [new URL('support/callee.mjs', import.meta.url).pathname, server.port, server.token(user), group, does],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.after(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return { child, cid: line.trim() };
}

test('the caller is told at once when the process that rings is killed', async (t) => {
  const caller = await server.member(ann, 'killed ringing');
  const { child, cid } = await otherProcess(t, bob, 'killed ringing', 'ring');
  const id = await call(caller, { cid });
  child.kill('SIGKILL');
  await assertEnded(caller, id, 'unreachable');
});

test('ringing ends at once when the process of the caller is killed', async (t) => {
  const callee = await server.member(ann, 'killed calling');
  const { child, cid } = await otherProcess(t, bob, 'killed calling', `call ${cidOf(callee)}`);
  const ring = await callEvent(callee);
  assert.deepEqual([ring.ev, ring.cid], ['ring', cid]);
  child.kill('SIGKILL');
  await assertEnded(callee, ring.call, 'lost');
});

test('the other side is told that one is away when its process is killed in a call', async (t) => {
  const caller = await server.member(ann, 'killed talking');
  const { child, cid } = await otherProcess(t, bob, 'killed talking', 'accept');
  const id = await call(caller, { cid });
  assert.equal((await callEvent(caller)).ev, 'accepted');
  child.kill('SIGKILL');
  const event = await callEvent(caller);
  assert.deepEqual([event.ev, event.call, event.state], ['peer', id, 'away']);
  const { error } = await caller.request({ op: 'signal', call: id, data: 1 });
  assert.equal(error.reason, 'peer_away');
});

test('a call goes on after the server was killed and started again', async (t) => {
  const data = temporaryFolder(t);
  const before = await startServer({ after: () => {} }, { settings: many, data });
  t.after(() => before.signal('SIGKILL'));
  const [caller, callee] = [await before.member(ann, 'restart'), await before.member(bob, 'restart')];
  const { id, callersTicket, calleesTicket } = await talk(caller, callee);
  before.signal('SIGKILL');
  assert.equal(await before.exited(), 'SIGKILL');

  const again = await startServer(t, { settings: { ...many, 'server.workers': 3 }, data });
  const first = await again.signIn(bob);
  const alone = await first.request({ op: 'reattach', ticket: calleesTicket });
  assert.deepEqual(alone.ok, { call: id, peer: null });
  const second = await again.signIn(ann);
  const both = await second.request({ op: 'reattach', ticket: callersTicket });
  assert.deepEqual(both.ok, { call: id, peer: { user: bob, cid: cidOf(first) } });
  const here = await callEvent(first);
  assert.deepEqual([here.ev, here.state, here.cid], ['peer', 'here', cidOf(second)]);
  await first.request({ op: 'signal', call: id, data: 'again' });
  await assertHears(second, id, 'again');
  await second.request({ op: 'hangup', call: id });
  await assertEnded(first, id, 'hung_up');
});

test('two thousand calls leave no memory behind', async (t) => {
  // The address sanitizer keeps what was freed; only a little of it here.
  const env = { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1` };
  const roomy = await startServer(t, { settings: many, env });
  const caller = await roomy.member(ann, 'many');
  const callee = await roomy.member(bob, 'many');
  const data = 'x'.repeat(20_000);
  const calls = async (count) => {
    for (let i = 0; i < count; i += 1) {
      const id = await call(caller, { cid: cidOf(callee) }, data);
      await caller.request({ op: 'signal', call: id, data });
      await callee.request({ op: 'accept', call: id, data });
      await callee.request({ op: 'hangup', call: id });
      for (const [client, count] of [[callee, 2], [caller, 2]]) {
        for (let j = 0; j < count; j += 1) await callEvent(client);
      }
    }
  };
  await calls(200);
  const before = roomy.residentBytes();
  await calls(2_000);
  // What the two have said is 120 MB.
  assert.ok(roomy.residentBytes() - before < 8 << 20, `${before} became ${roomy.residentBytes()} bytes`);
});
