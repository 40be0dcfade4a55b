// What a client has missed, and what is sent twice, over real sockets (PROTOCOL.md 2.14 and 2.4, "Once").
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startServer } from './support/server.mjs';
import { ann, bob } from './support/users.mjs';

const settings = { 'server.workers': 2, 'presence.grace_ms': 100, 'history.messages_max': 5 };
const server = await startServer({ after }, { settings });

const positionOf = ({ epoch, offset }) => ({ epoch, offset });
const joinSince = async (client, group, since) => (await client.request({ op: 'join', group, since })).ok;

test('who was cut off gets what was missed, and then what is new', async () => {
  const group = 'cut off';
  const writer = await server.member(ann, group);
  const lost = await server.signIn(bob);
  const had = positionOf((await lost.request({ op: 'join', group })).ok);
  lost.destroy();
  for (const data of ['"one"', '"two"']) assert.ok((await writer.post(group, data)).ok);
  const again = await server.signIn(bob);
  const ok = await joinSince(again, group, had);
  assert.deepEqual([positionOf(ok), ok.recovered], [had, true]);
  const missed = [];
  for (let i = 0; i < ok.replayed; ++i) missed.push(await again.event());
  assert.deepEqual(
    missed.map(({ offset }) => offset),
    missed.map((_, index) => had.offset + 1 + index),
  );
  assert.deepEqual(
    missed.filter(({ ev }) => ev === 'message').map(({ data }) => data),
    ['one', 'two'],
  );
  assert.ok((await writer.post(group, '"three"')).ok);
  for (;;) {
    const event = await again.event();
    if (event.data === 'three') break;
    assert.equal(event.ev, 'notice'); // of the place that was lost
  }
});

test('who was away for too much hears how much', async () => {
  const group = 'too much';
  const writer = await server.member(ann, group);
  const had = positionOf((await writer.request({ op: 'join', group })).ok);
  for (let i = 0; i < 6; ++i) assert.ok((await writer.post(group, '0')).ok);
  const late = await server.signIn(bob);
  const { recovered, reason, missed } = await joinSince(late, group, had);
  assert.deepEqual([recovered, reason, missed], [false, 'window', 7]); // six posts and his own notice
});

test('a private message waits for who was here lately', async () => {
  const sender = await server.signIn(ann);
  const first = await server.signIn(bob);
  const had = positionOf(first.welcome.stream);
  await first.close();
  const { ok } = await sender.request({ op: 'post', to: { user: bob }, data: 'later' });
  assert.deepEqual(positionOf(ok), { epoch: had.epoch, offset: had.offset + 1 });
  const again = await server.open({});
  const welcome = (await again.request({ op: 'connect', token: server.token(bob), since: had })).ok;
  assert.deepEqual([welcome.stream.recovered, welcome.stream.replayed], [true, 1]);
  const event = await again.event();
  assert.deepEqual([event.ev, event.offset, event.data], ['private', had.offset + 1, 'later']);
});

test('a post that is sent again from another connection takes effect once', async () => {
  const group = 'once';
  const reader = await server.member(ann, group);
  const first = await server.member(bob, group);
  await reader.event();
  const post = { op: 'post', to: group, data: 'once', key: 'k1' };
  const placed = (await first.request(post)).ok;
  first.destroy();
  const again = await server.member(bob, group);
  assert.deepEqual((await again.request(post)).ok, placed);
  assert.ok((await again.post(group, '"fence"')).ok);
  const messages = [];
  while (messages.at(-1) !== 'fence') {
    const { ev, data } = await reader.event();
    if (ev === 'message') messages.push(data);
  }
  assert.deepEqual(messages, ['once', 'fence']);
});

test('history is listed page by page, over the socket and over HTTP', async () => {
  const group = 'pages';
  const member = await server.member(ann, group);
  for (const data of ['1', '2', '3']) assert.ok((await member.post(group, data)).ok);
  const ask = async (query) => {
    const headers = { Authorization: `Bearer ${server.token(ann)}` };
    const { status, body } = await server.fetch(`/v1/history?${new URLSearchParams({ group, ...query })}`, { headers });
    assert.equal(status, 200, body);
    return JSON.parse(body);
  };
  const newest = (await member.request({ op: 'history', limit: 2 })).ok;
  assert.deepEqual(
    newest.list.map(({ data }) => data),
    [2, 3],
  );
  const elsewhere = { Authorization: `Bearer ${server.token(ann, { groups: ['public'] })}` };
  assert.equal((await server.fetch(`/v1/history?group=${group}`, { headers: elsewhere })).status, 403);
  const rest = await ask({ limit: 2, before: JSON.stringify(newest.startKey) });
  assert.deepEqual([rest.list.map(({ data }) => data), rest.startKey], [[1], 'end']);
});
