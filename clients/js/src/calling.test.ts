import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Calling } from './calling.js';
import type { CallEvent, CallLink, CallPart } from './calls/link.js';
import type { RTCConnector } from './calls/types.js';
import type { PartModule } from './link.js';
import { loadParts } from './load.js';
import { Pipit } from './pipit.js';
import { FakeServer, ManualClock, settled } from './testing/fakes.js';

const ring = (call: string): CallEvent => ({ kind: 'ring', call, user: 'bob', cid: 'cid:b', expires_in_ms: 1, data: null });

function setUp() {
  const heard: string[] = [];
  const logged: string[] = [];
  const fetches: { again: string; resolve: () => void; reject: (error: unknown) => void }[] = [];
  const part = { onEvent: (event: CallEvent) => void heard.push(event.kind), connect: async () => ({}) as RTCConnector, close: () => {} };
  const load = (again = 'nothing') =>
    new Promise<PartModule<CallLink, CallPart>>((resolve, reject) => void fetches.push({ again, resolve: () => resolve({ start: () => part }), reject }));
  const calling = new Calling(load, { log: (level: string, text: string) => void logged.push(`${level} ${text}`) } as unknown as CallLink);
  return { calling, heard, logged, fetches };
}

test('a part that cannot be fetched refuses the call, and is fetched anew the next time', async () => {
  const { calling, fetches, heard } = setUp();
  const refused = assert.rejects(calling.get(), { name: 'PipitError', code: 'ERROR', reason: 'part_missing', message: /TypeError: offline/ });
  calling.onEvent({ kind: 'up' });
  fetches[0]!.reject(new TypeError('offline'));
  await refused;
  const got = calling.get();
  fetches[1]!.resolve();
  await got;
  assert.deepEqual(heard, []);
});

test('each time after the part could not be fetched it is asked for by another address', async () => {
  const { calling, fetches } = setUp();
  for (const tried of [0, 1, 2]) {
    const refused = assert.rejects(calling.get());
    fetches[tried]!.reject(new TypeError('offline'));
    await refused;
  }
  const asked = fetches.map(({ again }) => again);
  assert.equal(asked[0], '');
  assert.equal(new Set(asked.map((again) => new URL(`https://example.org/part.mjs${again}`).href)).size, 3);
});

test('a ring for which the part cannot be fetched is logged as an error, and the next one tries again', async () => {
  const { calling, fetches, heard, logged } = setUp();
  calling.onEvent(ring('a'));
  fetches[0]!.reject(new TypeError('offline'));
  await settled();
  assert.match(logged[0]!, /^error .*offline/);
  calling.onEvent(ring('b'));
  fetches[1]!.resolve();
  await settled();
  assert.deepEqual(heard, ['ring']);
});

test('without a call nothing is fetched', () => {
  const { calling, fetches } = setUp();
  for (const kind of ['up', 'leaving', 'down', 'gone'] as const) calling.onEvent({ kind });
  calling.onEvent({ kind: 'ended', call: 'a', reason: 'lost' });
  assert.equal(fetches.length, 0);
});

test('what comes while the part is fetched is kept, in order, and the part fetched once', async () => {
  const { calling, fetches, heard } = setUp();
  calling.onEvent(ring('a'));
  calling.onEvent({ kind: 'down' });
  calling.onEvent({ kind: 'up' });
  calling.onEvent(ring('b'));
  fetches[0]!.resolve();
  await settled();
  calling.onEvent({ kind: 'ended', call: 'b', reason: 'cancelled' });
  assert.deepEqual(heard, ['ring', 'down', 'up', 'ring', 'ended']);
  assert.equal(fetches.length, 1);
});

/** A client whose part for calls is the test's. */
async function setUpClient() {
  const server = new FakeServer();
  const clock = new ManualClock();
  const heard: string[] = [];
  const told: string[] = [];
  let link!: CallLink;
  const close = () => link.command('hangup', { call: 'c' }, () => {}, () => void heard.push('refused'));
  const onEvent = ({ kind }: CallEvent) => {
    heard.push(kind);
    if (kind === 'leaving') close();
  };
  const connect = async () => ({}) as RTCConnector;
  const start = (given: CallLink) => ((link = given), { onEvent, connect, close });
  const around = clock.surroundings({ loadParts: { ...loadParts, calls: async () => ({ start }) } });
  const pipit = new Pipit({ url: 'https://example.org', token: 'T1', WebSocket: server.WebSocket }, around);
  const connecting = pipit.connectRealtime(({ type }) => void told.push(type));
  const socket = await server.signIn();
  await connecting;
  await pipit.connectRTC({ user: 'bob' });
  return { server, clock, pipit, socket, heard, told, link };
}

test('a command of a call is answered, or refused as the server does', async () => {
  const { socket, link } = await setUpClient();
  const answers: unknown[] = [];
  link.command('ice', {}, (ok) => void answers.push(ok), () => {});
  await settled();
  assert.deepEqual(socket.commands.at(-1), { id: 2, op: 'ice' });
  socket.ok('ice', { iceServers: [] });
  link.command('call', { to: { user: 'bob' }, data: { channels: [] } }, () => {}, ({ reason }) => void answers.push(reason));
  await settled();
  const { id, ...members } = socket.commands.at(-1)!;
  assert.deepEqual(members, { op: 'call', to: { user: 'bob' }, data: { channels: [] } });
  socket.write({ id, error: { code: 'ERROR', reason: 'too_many_calls', message: 'No.', retry: false } });
  assert.deepEqual(answers, [{ iceServers: [] }, 'too_many_calls']);
});

test('a command that is too long for the server is refused', async () => {
  const { link } = await setUpClient();
  const refused: string[] = [];
  link.command('signal', { call: 'c', data: 'x'.repeat(400) }, () => {}, ({ code, message }) => void refused.push(`${code} ${message}`));
  assert.match(refused[0]!, /^INVALID_PARAMETER "params" is too long/);
});

test('what is not answered on the connection is refused when that is lost, and not sent on the next one', async () => {
  const { clock, server, socket, link, heard } = await setUpClient();
  const refused: string[] = [];
  link.command('accept', { call: 'c' }, () => {}, ({ reason }) => void refused.push(reason));
  await settled();
  socket.lose();
  assert.deepEqual([refused, heard, link.isOpen()], [['not_open'], ['down'], false]);
  await clock.pass(250);
  const next = await server.signIn();
  assert.deepEqual(next.commands.map(({ op }) => op), ['connect']);
  assert.deepEqual([heard, link.isOpen()], [['down', 'up'], true]);
});

test('the events of calls reach the part, and no other callback', async () => {
  const { socket, heard, told } = await setUpClient();
  socket.write(
    { ev: 'ring', call: 'c', user: 'bob', cid: 'cid:b', expires_in_ms: 1, data: null },
    { ev: 'accepted', call: 'c', user: 'bob', cid: 'cid:b', ticket: 't', data: null },
    { ev: 'signal', call: 'c', data: null },
    { ev: 'peer', call: 'c', state: 'away' },
    { ev: 'ended', call: 'c', reason: 'lost' },
  );
  assert.deepEqual(heard, ['ring', 'accepted', 'signal', 'peer', 'ended']);
  assert.deepEqual(told, ['success']);
});

test('closing hangs up before the connection is closed', async () => {
  const { pipit, socket, heard } = await setUpClient();
  await pipit.closeRealtime();
  assert.deepEqual(socket.commands.map(({ op }) => op), ['connect', 'hangup']);
  assert.deepEqual(heard, ['leaving', 'down', 'refused', 'gone']);
  assert.equal(socket.closedWith, 1000);
});

test('a connection that does not come back is told to the part', async () => {
  const { socket, heard } = await setUpClient();
  socket.lose(4503);
  assert.deepEqual(heard, ['down', 'gone']);
});

test('to hang up where no call was ever made does nothing', async () => {
  const around = new ManualClock().surroundings({ loadParts: { ...loadParts, calls: () => assert.fail('fetched') } });
  const pipit = new Pipit({ url: 'https://example.org', token: 'T1', WebSocket: new FakeServer().WebSocket }, around);
  await pipit.closeRTC({ close_all: true });
});

test('to hang up reaches the part', async () => {
  const { pipit, socket } = await setUpClient();
  await pipit.closeRTC();
  await settled();
  assert.equal(socket.commands.at(-1)?.op, 'hangup');
});
