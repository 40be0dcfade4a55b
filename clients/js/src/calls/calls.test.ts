// Making and getting calls, from the first wish to the end. What happens while the two talk is in calls.talk.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from '../testing/fakes.js';
import { FakeStream, FakeTrack } from '../testing/rtc.js';
import { Server, STUN, refusal, talking } from './calls.harness.js';
import type { Client } from './calls.harness.js';
import type { RTCIncoming } from './types.js';

const nameless = (name: string) => () => Promise.reject(Object.assign(new Error('no'), { name }));

function setUp(capture?: () => Promise<unknown>) {
  const server = new Server();
  return { server, ann: server.client('ann', capture), bob: server.client('bob', capture) };
}

/** With it nothing is asked of the server before the browser is. */
const OWN_ICE = 'stun:own.example';

/** Until the browser is asked for a description, and before it has answered. */
async function negotiating(client: Client) {
  for (let turn = 0; client.openConnections === 0; turn += 1) {
    assert.ok(turn < 100, 'The browser is asked for nothing.');
    await undefined;
  }
}

/** Nothing is left of any call. */
function assertNothingLeft(...clients: Client[]) {
  for (const { connections, tracks, networkChanges, pageEnds } of clients) {
    for (const pc of connections) {
      assert.equal(pc.signalingState, 'closed');
      assert.equal(pc.listeners, 0);
      for (const channel of pc.channels) assert.equal(channel.listeners, 0);
    }
    for (const { readyState } of tracks) assert.equal(readyState, 'ended');
    assert.equal(networkChanges.size + pageEnds.size, 0);
  }
}

// Failing to call

test('a wrong argument is refused before anything is done', async () => {
  const { ann } = setUp();
  await assert.rejects(ann.connect({}), { name: 'PipitError', code: 'INVALID_PARAMETER' });
  await assert.rejects(ann.connect({ cid: ann.cid, channels: ['gaming', 'gaming'] }), { code: 'INVALID_REQUEST', reason: 'channel_exists' });
  assert.deepEqual([ann.sent.length, ann.connections.length, ann.tracks.length], [0, 0, 0]);
  assertNothingLeft(ann);
});

test('without a connection to the server nobody can be called', async () => {
  const { ann, bob } = setUp();
  ann.isOpen = false;
  const message = 'No realtime connection. Execute connectRealtime() before this method.';
  await assert.rejects(ann.connect({ cid: bob.cid }), { code: 'INVALID_REQUEST', message });
  assertNothingLeft(ann);
});

test('a configuration that the browser refuses is told before a camera is asked for', async () => {
  const { server, ann, bob } = setUp(() => assert.fail('asked'));
  const refused = assert.rejects(ann.connect({ cid: bob.cid, media: { video: true }, ice: { iceServers: [{ urls: 'bogus' }] } }), {
    code: 'INVALID_PARAMETER',
    message: /^"ice" is nothing that the browser takes/,
  });
  await server.flow();
  await refused;
  assertNothingLeft(ann);
});

test('a missing device leaves nothing half-made behind', async () => {
  const { server, ann, bob } = setUp(nameless('NotFoundError'));
  const refused = assert.rejects(ann.connect({ cid: bob.cid, media: { video: true } }), { code: 'DEVICE_NOT_FOUND', message: 'Requested media device not found.' });
  await server.flow();
  await refused;
  assertNothingLeft(ann);
  assert.deepEqual([ann.ops(), ann.told, bob.told], [['ice'], [], []]);
});

for (const op of ['ice', 'call']) {
  test(`a refusal of "${op}" by the server is the caller's, and nothing is left`, async () => {
    const { server, ann, bob } = setUp();
    server.refusals.set(op, [refusal('unavailable')]);
    const refused = assert.rejects(ann.connect({ cid: bob.cid, media: { audio: true } }), { reason: 'unavailable' });
    await server.flow();
    await refused;
    assertNothingLeft(ann);
    assert.deepEqual(ann.told, []);
  });
}

test('a call that came too fast is made when the server allows', async () => {
  const { server, ann, bob } = setUp();
  server.refusals.set('call', [refusal('rate_limited', { retry_after_ms: 70 })]);
  const connecting = ann.connect({ cid: bob.cid });
  await server.flow();
  assert.deepEqual(bob.told, []);
  await server.clock.pass(70);
  await server.flow();
  await connecting;
  assert.equal(bob.ring.sender, 'ann');
});

test('a call that came too fast and was closed meanwhile is not made', async () => {
  const { server, ann, bob } = setUp();
  server.refusals.set('call', [refusal('rate_limited', { retry_after_ms: 70 })]);
  const refused = assert.rejects(ann.connect({ cid: bob.cid }), { reason: 'cancelled' });
  await server.flow();
  ann.calls.close(undefined);
  await refused;
  ann.ops();
  await server.clock.pass(70);
  await server.flow();
  assert.deepEqual([ann.ops(), bob.told], [[], []]);
  assertNothingLeft(ann);
});

test('a list of servers that was asked for too fast is asked for when the server allows', async () => {
  const { server, ann, bob } = setUp();
  server.refusals.set('ice', [refusal('rate_limited', { retry_after_ms: 70 })]);
  const connecting = ann.connect({ cid: bob.cid });
  await server.flow();
  await server.clock.pass(70);
  await server.flow();
  await connecting;
  assert.deepEqual(ann.pc.config.iceServers, STUN);
});

test('a call that is closed while the camera is asked for never rings, and the camera is switched off', async () => {
  let allow = () => {};
  const { server, ann, bob } = setUp(() => new Promise<void>((resolve) => (allow = resolve)));
  const refused = assert.rejects(ann.connect({ cid: bob.cid, media: { video: true } }), { reason: 'cancelled' });
  await server.flow();
  ann.calls.close(undefined);
  allow();
  await refused;
  await server.flow();
  assert.deepEqual([ann.told, bob.told], [[], []]);
  assertNothingLeft(ann);
});

test('a call that is closed while its answer is under way is taken back', async () => {
  const { server, ann, bob } = setUp();
  const refused = assert.rejects(ann.connect({ user: 'bob' }), { reason: 'cancelled' });
  await server.flow('call');
  ann.calls.close({ user: 'bob' });
  await server.flow();
  await refused;
  assert.equal(server.calls.length, 0);
  assert.deepEqual(ann.told, []);
  assertNothingLeft(ann, bob);
});

test('a call that is over while the browser negotiates settles all the same', async () => {
  const { server, ann, bob } = setUp();
  const refused = assert.rejects(ann.connect({ cid: bob.cid, ice: OWN_ICE }), { reason: 'cancelled' });
  await negotiating(ann);
  ann.calls.close(undefined);
  await refused;
  const connecting = ann.connect({ cid: bob.cid, ice: OWN_ICE });
  await server.flow();
  const tooLate = assert.rejects(bob.ring.connectRTC({ ice: OWN_ICE }), { reason: 'cancelled' });
  await negotiating(bob);
  bob.hear({ kind: 'ended', call: 'call1', reason: 'cancelled' });
  await tooLate;
  (await connecting).hangup();
  await settled();
  assertNothingLeft(ann, bob);
});

// Ringing

test('a call rings with what the application needs to know, and asks for the server\'s list', async () => {
  const { server, ann, bob } = setUp();
  const connecting = ann.connect({ cid: bob.cid });
  await server.flow();
  await connecting;
  const { connectRTC: _accept, hangup: _reject, ...rest } = bob.ring;
  const message = 'User "ann" is calling.';
  assert.deepEqual(rest, { type: 'rtc:incoming', message, call: 'call1', sender: 'ann', sender_cid: ann.cid, sender_rid: null, code: null });
  assert.deepEqual(ann.pc.config.iceServers, STUN);
});

test('a STUN server of the application\'s own is used in place of the list, which is not asked for', async () => {
  const { server, ann, bob } = setUp();
  void ann.connect({ cid: bob.cid, ice: 'stun:own.example' });
  await server.flow();
  assert.deepEqual(ann.pc.config, { iceServers: [{ urls: 'stun:own.example' }] });
  assert.deepEqual(ann.ops(), ['call offer']);
});

for (const [reason, settle] of [
  ['rejected', ({ bob }) => bob.ring.hangup()],
  ['cancelled', ({ connector }) => connector.hangup()],
  ['timeout', ({ server }) => server.end(server.calls[0]!, 'timeout')],
  ['unreachable', ({ server, bob }) => (server.end(server.calls[0]!, 'unreachable', bob), bob.calls.onEvent({ kind: 'down' }))],
  ['busy', ({ server, bob }) => (server.end(server.calls[0]!, 'busy', bob), bob.calls.onEvent({ kind: 'down' }))],
  ['lost', ({ server, ann }) => server.lose(ann)],
] as [string, (all: { server: Server; ann: Client; bob: Client; connector: { hangup(): void } }) => void][]) {
  test(`a call that is ${reason} settles "connection" with an error that says so; both sides hear of the end once`, async () => {
    const { server, ann, bob } = setUp();
    const connecting = ann.connect({ cid: bob.cid, media: { audio: true } });
    await server.flow();
    const connector = await connecting;
    const refused = assert.rejects(connector.connection, { name: 'PipitError', code: 'ERROR', reason });
    settle({ server, ann, bob, connector });
    await server.flow();
    await refused;
    connector.hangup();
    bob.ring.hangup();
    await assert.rejects(bob.ring.connectRTC(), { code: 'ERROR' });
    await server.flow();
    assert.deepEqual(ann.toldTexts(), [`closed ${reason}`]);
    assert.deepEqual(bob.toldTexts().length, 2);
    assertNothingLeft(ann, bob);
    assert.equal(server.clock.timersArmed, 0);
  });
}

test('of two calls of one user the end of each names the call that it is the end of', async () => {
  const { server, ann, bob } = setUp();
  for (let call = 0; call < 2; call += 1) void ann.connect({ cid: bob.cid });
  await server.flow();
  const [first, second] = bob.told as RTCIncoming[];
  second!.hangup();
  first!.hangup();
  await server.flow();
  const ended = [second!.call, first!.call];
  assert.notEqual(first!.call, second!.call);
  for (const { told } of [ann, bob]) assert.deepEqual(told.flatMap((message) => (message.type === 'rtc:closed' ? [message.call] : [])), ended);
});

test('an application that does not look at "connection" gets no unhandled rejection', async () => {
  const { server, ann, bob } = setUp();
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  void ann.connect({ cid: bob.cid });
  await server.flow();
  bob.ring.hangup();
  await server.flow();
  await settled();
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
});

test('the first device of a user to accept has the call, and the others stop ringing', async () => {
  const { server, ann, bob } = setUp();
  const phone = server.client('bob');
  const connecting = ann.connect({ user: 'bob' });
  await server.flow();
  const accepting = phone.ring.connectRTC();
  await server.flow();
  assert.deepEqual(bob.toldTexts(), ['incoming', 'closed answered_elsewhere']);
  await accepting;
  await (await connecting).connection;
  phone.calls.close({ cid: ann.cid });
  await server.flow();
  const [closed] = ann.told;
  assert.deepEqual([closed?.type, closed?.sender, closed?.sender_cid], ['rtc:closed', 'bob', phone.cid]);
});

test('one who accepts when another device has is told so', async () => {
  const { server, ann, bob } = setUp();
  const phone = server.client('bob');
  void ann.connect({ user: 'bob' });
  await server.flow();
  void phone.ring.connectRTC();
  const late = assert.rejects(bob.ring.connectRTC({ media: { audio: true } }), { reason: 'answered_elsewhere' });
  await server.flow();
  await late;
  assertNothingLeft(bob);
});

for (const end of ['page', 'connection'] as const) {
  test(`a device whose ${end} ends stops ringing alone: another one rings on and can answer`, async () => {
    const { server, ann, bob } = setUp();
    const phone = server.client('bob');
    const connecting = ann.connect({ user: 'bob' });
    await server.flow();
    if (end === 'page') for (const ended of [...phone.pageEnds]) ended();
    else phone.calls.onEvent({ kind: 'leaving' });
    await server.flow();
    server.lose(phone);
    assert.deepEqual([ann.told, phone.toldTexts()], [[], ['incoming', 'closed lost']]);
    const accepting = bob.ring.connectRTC();
    await server.flow();
    await accepting;
    await (await connecting).connection;
    assertNothingLeft(phone);
  });
}

// Accepting

test('who accepts without the device may accept without it, and cannot accept twice', async () => {
  let fails = true;
  const { server, ann, bob } = setUp(() => (fails ? nameless('NotFoundError')() : Promise.resolve()));
  const connecting = ann.connect({ cid: bob.cid });
  await server.flow();
  const refused = assert.rejects(bob.ring.connectRTC({ media: { video: true } }), { code: 'DEVICE_NOT_FOUND' });
  await assert.rejects(bob.ring.connectRTC(), { code: 'INVALID_REQUEST', reason: 'accepted_already' });
  await server.flow();
  await refused;
  await assert.rejects(bob.ring.connectRTC({ channels: 'x' } as never), { code: 'INVALID_PARAMETER' });
  fails = false;
  const accepting = bob.ring.connectRTC();
  await server.flow();
  await accepting;
  await (await connecting).connection;
  await assert.rejects(bob.ring.connectRTC(), { reason: 'accepted_already' });
  assert.deepEqual(bob.toldTexts(), ['incoming']);
});

test('both have the caller\'s channels, and those on top of whoever accepts, under the same numbers', async () => {
  const { ann, bob, anns, bobs } = await talking({ channels: ['gaming', {}] }, { channels: ['text-chat', 'gaming'] });
  const numbered = ({ pc }: Client) => pc.channels.map(({ label, options }) => ({ label, ...options }));
  assert.deepEqual(numbered(ann), numbered(bob));
  assert.deepEqual(numbered(ann), [
    { label: 'gaming', ordered: false, maxPacketLifeTime: 100, protocol: 'gaming', negotiated: true, id: 0 },
    { label: 'default', ordered: true, protocol: 'default', negotiated: true, id: 1 },
    { label: 'text-chat', ordered: true, maxRetransmits: 10, protocol: 'text-chat', negotiated: true, id: 2 },
  ]);
  for (const { channels } of [anns, bobs]) assert.deepEqual(Object.keys(channels), ['gaming', 'default', 'text-chat']);
});

test('each side has what it sends in "media"', async () => {
  const stream = new FakeStream([new FakeTrack()]);
  const { server, ann, bob, anns, bobs } = await talking({ media: stream });
  assert.equal(anns.media, stream as unknown);
  assert.deepEqual(ann.pc.tracks, stream.tracks);
  assert.deepEqual(bobs.media.getTracks(), []);
  bobs.hangup();
  await server.flow();
  assert.equal(stream.tracks[0]!.readyState, 'live');
  assertNothingLeft(ann, bob);
});

for (const spoilt of ['nothing', 'an offer of no use', 'channels of no use']) {
  test(`a ring with ${spoilt} cannot be accepted, and harms nothing`, async () => {
    const { bob, server } = setUp();
    const description = { type: 'offer', sdp: spoilt === 'an offer of no use' ? 'spoilt' : 'good' };
    const data = spoilt === 'nothing' ? 7 : { description, channels: spoilt === 'channels of no use' ? [7] : [] };
    bob.hear({ kind: 'ring', call: 'c', user: 'eve', cid: 'cid:e', expires_in_ms: 1, data });
    const refused = assert.rejects(bob.ring.connectRTC({ media: { audio: true } }), { name: 'PipitError' });
    await server.flow();
    await refused;
    bob.ring.hangup();
    assert.deepEqual(bob.toldTexts(), ['incoming', 'closed rejected']);
    assertNothingLeft(bob);
  });
}

for (const spoilt of ['an answer', 'channels']) {
  test(`${spoilt} of no use ends the call for both`, async () => {
    const { ann, bob, server } = setUp();
    const connecting = ann.connect({ cid: bob.cid });
    await server.flow();
    const failed = assert.rejects((await connecting).connection, { reason: 'failed' });
    const data = spoilt === 'channels' ? { description: { type: 'answer', sdp: 'good' }, channels: [7] } : { description: { type: 'answer', sdp: 'spoilt' } };
    ann.hear({ kind: 'accepted', call: 'call1', user: 'bob', cid: bob.cid, ticket: 't', data });
    await server.flow();
    await failed;
    assert.deepEqual(ann.toldTexts(), ['closed failed']);
    assert.equal(server.calls.length, 0);
    assertNothingLeft(ann);
  });
}

// Both at once

/** Ann calls Bob and Bob Ann, before either knows of the other. */
async function glaring(ids: string[], annTo: object = {}, bobTo: object = {}) {
  const all = setUp();
  const { server, ann, bob } = all;
  server.nextIds = ids;
  const connecting = [ann.connect({ cid: bob.cid, media: { audio: true }, ...annTo }), bob.connect({ cid: ann.cid, media: { audio: true }, ...bobTo })];
  await server.flow();
  const connectors = await Promise.all(connecting);
  const talks = await Promise.all(connectors.map(({ connection }) => connection));
  return { ...all, connectors, talks };
}

for (const [name, ids] of [['first', ['a', 'b']], ['second', ['b', 'a']]] as const) {
  test(`of two calls at once the one with the smaller id goes on, here the ${name}; neither side sees a ring`, async () => {
    const { server, ann, bob, connectors, talks } = await glaring([...ids]);
    assert.deepEqual(server.calls.map(({ id }) => id), ['a']);
    assert.deepEqual([ann.told, bob.told], [[], []]);
    assert.deepEqual([ann.openConnections, bob.openConnections], [1, 1]);
    assert.deepEqual(talks.map(({ target }) => target), [ann.pc, bob.pc]);
    assert.equal(ann.pc.signalingState, 'stable');
    connectors[0]!.hangup();
    await server.flow();
    assert.deepEqual([ann.toldTexts(), bob.toldTexts()], [['closed hung_up'], ['closed hung_up']]);
    assertNothingLeft(ann, bob);
  });
}

test('two that call each other by user, too, end in one call, with the channels that either wants', async () => {
  const { talks, server } = await glaring(['b', 'a'], { user: 'bob', cid: undefined, channels: ['gaming'] }, { user: 'ann', cid: undefined });
  assert.equal(server.calls.length, 1);
  for (const { channels } of talks) assert.deepEqual(Object.keys(channels).sort(), ['default', 'gaming']);
});

test('a call that is refused while the other side calls is answered by that one', async () => {
  const { server, ann, bob } = setUp();
  const connecting = [bob.connect({ cid: ann.cid })];
  await server.flow('call');
  server.refusals.set('call', [undefined, refusal('too_many_calls')]);
  connecting.push(ann.connect({ cid: bob.cid }));
  await server.flow();
  for (const { connection } of await Promise.all(connecting)) await connection;
  assert.deepEqual([ann.told, bob.told], [[], []]);
});

test('who hangs up while both call rejects the other call, too', async () => {
  const { server, ann, bob } = setUp();
  server.nextIds = ['a'];
  const connecting = ann.connect({ cid: bob.cid });
  await server.flow();
  const connector = await connecting;
  ann.hear({ kind: 'ring', call: 'b', user: 'bob', cid: bob.cid, expires_in_ms: 1, data: null });
  ann.ops();
  connector.hangup();
  assert.deepEqual(ann.sent.map(({ op, members }) => `${op} ${members.call}`).sort(), ['hangup a', 'hangup b']);
  assert.deepEqual(ann.toldTexts(), ['closed cancelled']);
});

test('a ring that was kept back is shown when one\'s own call comes to nothing', async () => {
  const { server, ann, bob } = setUp();
  server.nextIds = ['a'];
  const connecting = ann.connect({ cid: bob.cid });
  await server.flow();
  await connecting;
  for (const id of ['b', 'c']) {
    ann.hear({ kind: 'ring', call: id, user: 'bob', cid: bob.cid, expires_in_ms: 1, data: null });
    assert.deepEqual(ann.told, []);
    if (id === 'b') ann.hear({ kind: 'ended', call: 'b', reason: 'cancelled' });
  }
  ann.hear({ kind: 'ended', call: 'a', reason: 'timeout' });
  assert.deepEqual(ann.toldTexts().sort(), ['closed timeout', 'incoming']);
});

test('to call somebody who is ringing is to accept, also by user; the ring\'s functions reach that call', async () => {
  for (const to of ['cid', 'user'] as const) {
    const { server, ann, bob } = setUp();
    const connecting = ann.connect({ cid: bob.cid });
    await server.flow();
    const back = bob.connect({ [to]: ann[to], media: { audio: true } });
    await server.flow();
    assert.ok((await (await connecting).connection).target);
    assert.ok((await (await back).connection).channels.default);
    assert.equal(server.calls.length, 1);
    await assert.rejects(bob.ring.connectRTC(), { reason: 'accepted_already' });
    bob.ring.hangup();
    await server.flow();
    assert.deepEqual([ann.toldTexts(), bob.toldTexts()], [['closed hung_up'], ['incoming', 'closed hung_up']]);
    assertNothingLeft(ann, bob);
  }
});

test('to call back without the device leaves the ring as it is', async () => {
  const { server, ann, bob } = setUp(nameless('NotFoundError'));
  void ann.connect({ cid: bob.cid });
  await server.flow();
  const refused = assert.rejects(bob.connect({ cid: ann.cid, media: { video: true } }), { code: 'DEVICE_NOT_FOUND' });
  await server.flow();
  await refused;
  const accepting = bob.ring.connectRTC();
  await server.flow();
  await accepting;
});

test('fifty calls one after another leave nothing behind', async () => {
  const { server, ann, bob } = setUp();
  server.iceLifetimeMs = 3_600_000;
  for (let call = 0; call < 50; call += 1) {
    const [caller, callee] = call % 2 === 0 ? [ann, bob] : [bob, ann];
    const connecting = caller.connect({ cid: callee.cid, media: { audio: true } });
    await server.flow();
    const accepting = callee.ring.connectRTC({ media: { audio: true } });
    await server.flow();
    await (await connecting).connection;
    const { hangup } = await accepting;
    caller.pc.reach('connected');
    caller.pc.reach('disconnected');
    hangup();
    await server.flow();
  }
  assert.deepEqual([server.calls.length, server.clock.timersArmed], [0, 0]);
  assert.deepEqual([ann.tracks.length, ann.connections.length], [50, 50]);
  assertNothingLeft(ann, bob);
});
