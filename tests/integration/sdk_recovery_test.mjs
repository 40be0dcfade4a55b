// The SDK over a line that breaks: nothing is lost, nothing comes twice, and a gap is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipit } from '../../clients/js/dist/node.mjs';
import { Waiters } from './support/deadline.mjs';
import { startLine } from './support/line.mjs';
import { startServer } from './support/server.mjs';
import { ann, bob, eve } from './support/users.mjs';

// A user in "tea"; `until(n)` waits for the n-th event of a type, counted from 1, and answers with it.
async function member(t, url, getToken) {
  const pipit = new Pipit({ url, getToken });
  const waiters = new Waiters();
  const told = [];
  t.after(() => pipit.closeRealtime());
  await pipit.connectRealtime((rt) => {
    told.push(rt);
    waiters.changed();
  });
  await pipit.joinRealtime({ group: 'tea' });
  const until = (type, n = 1) => waiters.until(() => told.filter((rt) => rt.type === type)[n - 1], `"${type}" number ${n}`);
  const messages = () => told.filter(({ type }) => type === 'message').map(({ message }) => message);
  const untilMessage = (message) => waiters.until(() => messages().find((said) => said === message), `the message "${message}"`);
  return { pipit, told, until, messages, untilMessage };
}

// Nobody who is away is given up.
async function setUp(t, settings = {}) {
  const server = await startServer(t, { settings: { 'server.workers': 2, 'presence.grace_ms': 60_000, ...settings } });
  const line = await startLine(t, server.port);
  const writer = await member(t, `http://127.0.0.1:${server.port}`, () => server.token(ann));
  const reader = await member(t, line.url, () => server.token(bob));
  return { server, line, writer, reader };
}

// The reader's attempts wait until the writer is done: what is said meanwhile is missed for certain.
async function whileAway({ line, reader }, act) {
  line.pause();
  line.cut();
  await reader.until('reconnect', reader.told.filter(({ type }) => type === 'reconnect').length + 1);
  await act();
  line.resume();
}

test('what was missed is told in order before success, and then what is new', async (t) => {
  const all = await setUp(t);
  const { writer, reader } = all;
  await writer.pipit.postRealtime('before', 'tea');
  await reader.untilMessage('before');
  await whileAway(all, async () => {
    for (const message of ['one', 'two', 'three']) await writer.pipit.postRealtime(message, 'tea');
    await writer.pipit.postRealtime('secret', bob);
  });
  const success = await reader.until('success', 2);
  assert.deepEqual([success.recovered, success.recovered_messages], [true, 4]);
  const late = reader.told.slice(0, reader.told.indexOf(success)).map(({ message }) => message);
  for (const message of ['one', 'two', 'three', 'secret']) assert.ok(late.includes(message), message);
  await writer.pipit.postRealtime('new', 'tea');
  await reader.untilMessage('new');
  assert.deepEqual(reader.messages(), ['before', 'one', 'two', 'three', 'new']);
  assert.equal(reader.told.some(({ sender, type }) => type === 'notice' && sender === bob), false);
});

test('who was away for too much is told of the gap and its size, and gets what is new', async (t) => {
  const all = await setUp(t, { 'history.messages_max': 5 });
  const { writer, reader } = all;
  await whileAway(all, async () => {
    for (let i = 0; i < 10; i += 1) await writer.pipit.postRealtime(i, 'tea');
  });
  const success = await reader.until('success', 2);
  assert.equal(success.recovered, false);
  const gaps = reader.told.filter(({ type }) => type === 'gap');
  assert.deepEqual(
    gaps.map(({ sender_rid, reason }) => [sender_rid, reason]),
    [['tea', 'window']],
  );
  assert.ok(gaps[0].missed >= 10, `${gaps[0].missed}`);
  await writer.pipit.postRealtime('new', 'tea');
  await reader.untilMessage('new');
  assert.deepEqual(reader.messages(), ['new']);
});

test('a post whose answer was lost takes effect once, in order with those that waited', async (t) => {
  const { line, writer, reader } = await setUp(t);
  line.dropAnswers();
  const posting = ['sent 1', 'sent 2'].map((message) => reader.pipit.postRealtime(message, 'tea'));
  await writer.untilMessage('sent 2');
  line.cut();
  await reader.until('reconnect');
  posting.push(reader.pipit.postRealtime('waited', 'tea'));
  await Promise.all(posting);
  await reader.pipit.postRealtime('after', 'tea');
  await Promise.all([writer.untilMessage('after'), reader.untilMessage('after')]);
  const all = ['sent 1', 'sent 2', 'waited', 'after'];
  assert.deepEqual(writer.messages(), all);
  assert.deepEqual(reader.messages(), all);
});

test('hundreds of posts that waited are sent in order, and the server refuses none', async (t) => {
  const all = await setUp(t, { 'limits.commands_per_second': 200, 'limits.commands_burst': 40 });
  const { writer, reader } = all;
  const posting = [];
  await whileAway(all, async () => {
    for (let i = 0; i < 300; i += 1) posting.push(reader.pipit.postRealtime(i, 'tea'));
  });
  await Promise.all(posting);
  await writer.untilMessage(299);
  assert.deepEqual(
    writer.messages(),
    Array.from({ length: 300 }, (_, i) => i),
  );
});

test('more posts than the outbox holds are refused', async (t) => {
  const server = await startServer(t);
  const line = await startLine(t, server.port);
  const pipit = new Pipit({ url: line.url, getToken: () => server.token(ann), outbox: { posts_max: 2 } });
  t.after(() => pipit.closeRealtime());
  const waiters = new Waiters();
  let state;
  await pipit.connectRealtime(({ type }) => {
    state = type;
    waiters.changed();
  });
  line.pause();
  line.cut();
  await waiters.until(() => (state === 'reconnect' ? true : undefined), 'an attempt');
  const posting = [1, 2].map((message) => pipit.postRealtime(message, { user: bob }));
  await assert.rejects(pipit.postRealtime(3, { user: bob }), { code: 'INVALID_REQUEST', reason: 'outbox_full', retry: true });
  line.resume();
  await Promise.all(posting);
});

test('a reader that is closed as too slow comes back by itself and has missed nothing', async (t) => {
  const { line, writer, reader } = await setUp(t, {
    'limits.outbox_bytes_max': 262_144,
    'limits.commands_per_second': 100_000,
    'limits.commands_burst': 100_000,
    'history.messages_max': 100_000,
    'history.group_bytes_max': 67_108_864,
  });
  line.pause();
  // More than the sockets of the system and the outbox of the server hold together.
  const text = 'x'.repeat(32_000);
  const said = [];
  for (let i = 0; i < 600; i += 1) {
    said.push(`${i} ${text}`);
    await writer.pipit.postRealtime(said.at(-1), 'tea');
  }
  line.resume();
  const success = await reader.until('success', 2);
  assert.equal(success.recovered, true);
  assert.ok(success.recovered_messages > 0);
  await reader.untilMessage(said.at(-1));
  assert.deepEqual(
    reader.messages().map((message) => message.split(' ')[0]),
    said.map((message) => message.split(' ')[0]),
  );
});

test('after a restart of a server that keeps nothing on disk a gap is told', async (t) => {
  const first = await startServer(t, { settings: { 'drain.spread_ms': 100 } });
  const url = `http://127.0.0.1:${first.port}`;
  const a = await member(t, url, () => first.token(ann));
  await first.stop();
  await startServer(t, { data: first.data, listen: `127.0.0.1:${first.port}` });
  const success = await a.until('success', 2);
  assert.equal(success.recovered, false);
  assert.deepEqual(
    a.told.filter(({ type }) => type === 'gap').map(({ sender_rid, reason }) => [sender_rid, reason]),
    [
      [null, 'epoch'],
      ['tea', 'epoch'],
    ],
  );
});

test('what a server has taken since it was started comes behind the gap, also for who is back later', async (t) => {
  const all = await setUp(t, { 'drain.spread_ms': 100 });
  const { server, writer, reader } = all;
  await whileAway(all, async () => {
    await server.stop();
    await startServer(t, { data: server.data, listen: `127.0.0.1:${server.port}` });
    await writer.until('success', 2);
    await writer.pipit.postRealtime('in between', 'tea');
    await writer.pipit.postRealtime('secret', bob);
  });
  await reader.until('success', 2);
  await writer.pipit.postRealtime('new', 'tea');
  await reader.untilMessage('new');
  await reader.until('private');
  const toldOf = (group) =>
    reader.told
      .filter(({ type, sender_rid }) => ['gap', 'message', 'private'].includes(type) && sender_rid === group)
      .map(({ type, message, reason }) => (type === 'gap' ? `gap: ${reason}` : message));
  assert.deepEqual(toldOf('tea'), ['gap: epoch', 'in between', 'new']);
  assert.deepEqual(toldOf(null), ['gap: epoch', 'secret']);
});

test('the last messages of a group are listed, over the socket and over HTTP', async (t) => {
  const { server, line, writer, reader } = await setUp(t);
  for (const message of [1, 2, 3]) await writer.pipit.postRealtime(message, 'tea');
  const rows = ({ list }) => list.map(({ message, sender, sender_rid }) => [message, sender, sender_rid]);
  const newest = await reader.pipit.getRealtimeHistory({ limit: 2 });
  assert.deepEqual(rows(newest), [
    [2, ann, 'tea'],
    [3, ann, 'tea'],
  ]);
  assert.equal(newest.endOfList, false);
  await reader.untilMessage(3);
  assert.equal(newest.list[1].offset, reader.told.find(({ message }) => message === 3).offset);
  assert.ok(Math.abs(newest.list[1].sent_at - Date.now()) < 60_000);
  assert.deepEqual(rows(await reader.pipit.getRealtimeHistory(null, { limit: 2, fetchMore: true })), [[1, ann, 'tea']]);
  const overHttp = new Pipit({ url: line.url, getToken: () => server.token(bob) });
  const older = await overHttp.getRealtimeHistory({ group: 'tea', before: newest.startKey });
  assert.deepEqual([rows(older), older.startKey], [[[1, ann, 'tea']], 'end']);
  const stranger = new Pipit({ url: line.url, getToken: () => server.token(eve) });
  await assert.rejects(stranger.getRealtimeHistory({ group: 'tea' }), { reason: 'not_joined' });
});
