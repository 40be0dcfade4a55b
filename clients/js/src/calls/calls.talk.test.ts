// Calls that are there: what they go on over, and how they end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from '../testing/fakes.js';
import { FakeChannel } from '../testing/rtc.js';
import { Server, STUN, refusal, talking } from './calls.harness.js';
import type { RTCEvent } from './types.js';

test('candidates of either side reach the other, those from before it was accepted as well', async () => {
  const server = new Server();
  const [ann, bob] = [server.client('ann'), server.client('bob')];
  const connecting = ann.connect({ cid: bob.cid });
  await server.flow('call');
  ann.pc.find('a1');
  await server.flow();
  ann.pc.find('a2');
  const accepting = bob.ring.connectRTC();
  await server.flow('accept');
  bob.pc.find('b1');
  await server.flow();
  await (await connecting).connection;
  await accepting;
  bob.pc.find(null);
  await server.flow();
  assert.deepEqual(bob.pc.candidates, [{ candidate: 'a1' }, { candidate: 'a2' }]);
  assert.deepEqual(ann.pc.candidates, [{ candidate: 'b1' }, null]);
});

test('a signal that came too fast is sent again when the server allows', async () => {
  const { server, ann, bob } = await talking();
  server.refusals.set('signal', [refusal('rate_limited', { retry_after_ms: 40 })]);
  ann.pc.find('a');
  await server.flow();
  assert.deepEqual(bob.pc.candidates, []);
  await server.clock.pass(40);
  await server.flow();
  assert.deepEqual(bob.pc.candidates, [{ candidate: 'a' }]);
});

test('the callback gets the browser\'s own events, and word of the last candidate', async () => {
  const { bob } = await talking();
  bob.events.length = 0;
  const track = Object.assign(new Event('track'), { track: 'T' });
  bob.pc.dispatchEvent(track);
  bob.pc.find(null);
  for (const type of ['connectionstatechange', 'icecandidateerror', 'icegatheringstatechange', 'signalingstatechange']) bob.pc.emit(type);
  for (const type of ['open', 'message', 'error', 'bufferedamountlow', 'close']) bob.pc.channels[0]!.emit(type);
  assert.equal(bob.events[0], track as unknown as RTCEvent);
  assert.deepEqual(bob.events.map(({ type }) => type), [
    'track', 'icecandidateend', 'connectionstatechange', 'icecandidateerror', 'icegatheringstatechange', 'signalingstatechange',
    'open', 'message', 'error', 'bufferedamountlow', 'close',
  ]);
});

test('a callback that throws is reported and does not break the call', async () => {
  const server = new Server();
  const [ann, bob] = [server.client('ann'), server.client('bob')];
  const thrown = new Error('of the application');
  const connecting = ann.connect({ cid: bob.cid }, () => {
    throw thrown;
  });
  await server.flow();
  const accepting = bob.ring.connectRTC();
  ann.pc.find('a');
  await server.flow();
  await (await connecting).connection;
  await accepting;
  assert.deepEqual([bob.pc.candidates.length, ann.reported[0]], [1, thrown]);
});

test('a channel that the other side opens by itself is among "channels", and its events are told', async () => {
  const { bob, bobs } = await talking();
  const channel = new FakeChannel('chess');
  bob.pc.emit('datachannel', { channel });
  bob.events.length = 0;
  channel.dispatchEvent(new Event('open'));
  assert.equal(bobs.channels.chess, channel as unknown);
  assert.equal(bob.events.length, 1);
});

test('a channel of a name that there is already, and one beyond 64, are closed and not told', async () => {
  const { bob, bobs } = await talking();
  const kept = bobs.channels.default;
  const open = (label: string) => {
    const channel = new FakeChannel(label);
    bob.pc.emit('datachannel', { channel });
    return channel;
  };
  bob.events.length = 0;
  const second = open('default');
  const others = Array.from({ length: 64 }, (_, index) => open(`other ${index}`));
  await settled();
  assert.deepEqual([second.readyState, second.listeners, others.at(-2)!.readyState, others.at(-1)!.readyState], ['closed', 0, 'connecting', 'closed']);
  assert.deepEqual([bobs.channels.default, Object.keys(bobs.channels).length, bob.events], [kept, 64, []]);
});

test('when a side hangs up its callback hears that its channels have closed, and nothing after it', async () => {
  const { ann, anns } = await talking();
  ann.events.length = 0;
  anns.hangup();
  ann.pc.channels[0]!.emit('message');
  ann.pc.emit('track');
  await settled();
  ann.pc.channels[0]!.emit('close');
  assert.deepEqual(ann.events.map(({ type }) => type), ['close']);
});

test('tracks that are added later are negotiated, by both sides at once too', async () => {
  const { server, ann, bob } = await talking();
  ann.pc.addTrack('a');
  bob.pc.addTrack('b');
  await settled();
  await server.flow();
  assert.deepEqual([ann.pc.signalingState, bob.pc.signalingState], ['stable', 'stable']);
  assert.deepEqual([ann.logged, bob.logged], [[], []]);
});

// Other ways

test('an interrupted way and another network make it look for another way', async () => {
  const { server, ann, bob } = await talking();
  ann.pc.reach('failed');
  await server.flow();
  assert.equal(ann.pc.restarts, 1);
  assert.deepEqual(ann.ops().at(-1), 'signal offer');
  for (const changed of bob.networkChanges) changed();
  await server.flow();
  assert.deepEqual([bob.pc.restarts, bob.ops().at(-1)], [1, 'signal offer']);
});

test('a call to which no way is found is over for both, and says so', async () => {
  const { server, ann, bob } = await talking();
  ann.pc.reach('failed');
  await server.flow();
  await server.clock.pass(30_000);
  await server.flow();
  assert.deepEqual([ann.toldTexts(), bob.toldTexts()], [['closed lost'], ['incoming', 'closed hung_up']]);
  assert.equal(server.clock.timersArmed, 0);
});

test('credentials that are renewed are given to the call that goes on, and to no other', async () => {
  const server = new Server();
  server.iceLifetimeMs = 100_000;
  const [ann, bob] = [server.client('ann'), server.client('bob')];
  const connecting = ann.connect({ cid: bob.cid, ice: { iceTransportPolicy: 'relay' } });
  await server.flow();
  const accepting = bob.ring.connectRTC({ ice: 'stun:own.example' });
  await server.flow();
  const { hangup } = await (await connecting).connection;
  await accepting;
  for (const { pc } of [ann, bob]) pc.reach('connected');
  ann.pc.config = {};
  await server.clock.pass(80_000);
  await server.flow();
  assert.deepEqual(ann.pc.config, { iceTransportPolicy: 'relay', iceServers: STUN });
  assert.deepEqual(bob.pc.config, { iceServers: [{ urls: 'stun:own.example' }] });
  hangup();
  await server.flow();
  assert.equal(server.clock.timersArmed, 0);
});

for (const spoilt of [undefined, () => { throw new TypeError('no'); }]) {
  test(`a WebRTC that ${spoilt ? 'refuses' : 'cannot take'} renewed credentials has the call go on`, async () => {
    const server = new Server();
    server.iceLifetimeMs = 100_000;
    const [ann, bob] = [server.client('ann'), server.client('bob')];
    const connecting = ann.connect({ cid: bob.cid });
    await server.flow();
    Object.assign(ann.pc, { setConfiguration: spoilt });
    const accepting = bob.ring.connectRTC();
    await server.flow();
    await Promise.all([(await connecting).connection, accepting]);
    for (const { pc } of [ann, bob]) pc.reach('connected');
    bob.pc.config = {};
    await server.clock.pass(80_000);
    await server.flow();
    assert.deepEqual([ann.told, ann.logged.length, bob.pc.config], [[], spoilt ? 1 : 0, { iceServers: STUN }]);
  });
}

test('after a lost connection the next call asks for the list anew', async () => {
  const { server, ann, bob, anns } = await talking();
  anns.hangup();
  const call = async () => {
    ann.ops();
    const connecting = ann.connect({ cid: bob.cid });
    await server.flow();
    (await connecting).hangup();
    return ann.ops();
  };
  assert.deepEqual(await call(), ['call offer', 'hangup']);
  server.lose(ann);
  server.comeBack(ann);
  assert.deepEqual(await call(), ['ice', 'call offer', 'hangup']);
});

// A lost connection to the server

test('a call goes on while either connection is lost, and is taken up again by its ticket', async () => {
  const { server, ann, bob } = await talking();
  server.lose(ann);
  await server.flow();
  await server.clock.pass(60_000);
  assert.deepEqual([ann.told, bob.toldTexts()], [[], ['incoming']]);
  ann.ops();
  server.comeBack(ann);
  await server.flow();
  assert.deepEqual(ann.ops(), ['reattach']);
  ann.pc.find('new');
  await server.flow();
  assert.deepEqual(bob.pc.candidates, [{ candidate: 'new' }]);
});

test('a call goes on over a restart of the server', async () => {
  const { server, ann, bob } = await talking();
  server.restart();
  for (const client of [ann, bob]) server.lose(client, false);
  server.comeBack(bob);
  await server.flow();
  await server.clock.pass(20_000);
  server.comeBack(ann);
  await server.flow();
  assert.deepEqual([ann.told, bob.toldTexts(), ann.pc.restarts, bob.pc.restarts], [[], ['incoming'], 0, 0]);
  bob.pc.addTrack('late');
  await settled();
  await server.flow();
  assert.equal(ann.pc.remoteDescription?.sdp, bob.pc.localDescription?.sdp);
});

test('an offer that was lost with the connection is made good, and a way that broke meanwhile looked for', async () => {
  const { server, ann, bob } = await talking();
  server.lose(ann);
  ann.pc.addTrack('late');
  await settled();
  bob.pc.reach('disconnected');
  server.comeBack(ann);
  await server.flow();
  assert.deepEqual([ann.pc.signalingState, bob.pc.signalingState], ['stable', 'stable']);
  assert.deepEqual([ann.pc.restarts, bob.pc.restarts], [0, 1]);
});

test('a way that broke with both connections is looked for anew when both are back, whoever is first', async () => {
  const { server, ann, bob } = await talking();
  server.restart();
  for (const client of [ann, bob]) {
    server.lose(client, false);
    client.pc.reach('failed');
  }
  await server.clock.pass(20_000);
  server.comeBack(ann);
  await server.flow();
  await server.clock.pass(5_000);
  server.comeBack(bob);
  await server.flow();
  for (const { pc } of [ann, bob]) pc.reach('connected');
  await server.clock.pass(30_000);
  assert.deepEqual([ann.told, bob.toldTexts()], [[], ['incoming']]);
});

test('a call that the other side has ended meanwhile is over', async () => {
  const { server, ann, bobs } = await talking();
  server.lose(ann);
  bobs.hangup();
  await server.flow();
  server.comeBack(ann);
  await server.flow();
  assert.deepEqual(ann.toldTexts(), ['closed hung_up']);
});

test('a ticket that the server does not take leaves the call as it is', async () => {
  const { server, ann } = await talking();
  server.lose(ann);
  server.refusals.set('reattach', [refusal('invalid_parameter')]);
  server.comeBack(ann);
  await server.flow();
  assert.deepEqual(ann.told, []);
  assert.equal(ann.logged.length, 1);
});

test('a server that cannot take a call up again at the moment is asked again', async () => {
  const { server, ann, bob } = await talking();
  server.lose(ann);
  server.refusals.set('reattach', [refusal('unavailable')]);
  server.comeBack(ann);
  await server.flow();
  ann.pc.find('lost');
  await server.clock.pass(1_000);
  ann.ops();
  await server.flow();
  ann.pc.find('heard');
  await server.flow();
  assert.deepEqual([ann.ops(), ann.logged], [['signal'], []]);
  assert.deepEqual(bob.pc.candidates.at(-1), { candidate: 'heard' });
});

for (const reason of ['unavailable', 'rate_limited']) {
  test(`a call that is hung up while it cannot be taken up again is over for the other side, too: ${reason}`, async () => {
    const { server, ann, bob, anns } = await talking();
    server.restart();
    server.lose(ann, false);
    server.refusals.set('reattach', [refusal(reason)]);
    server.comeBack(ann);
    await server.flow();
    server.refusals.set('hangup', [refusal('not_in_call')]);
    anns.hangup();
    await server.flow();
    await server.clock.pass(1_000);
    await server.flow();
    assert.deepEqual([ann.toldTexts(), bob.toldTexts()], [['closed hung_up'], ['incoming', 'closed hung_up']]);
    assert.equal(server.calls.length, 0);
  });
}

test('to hang up without a connection is told to the server once there is one', async () => {
  const { server, ann, bob, anns } = await talking();
  server.lose(ann);
  anns.hangup();
  assert.deepEqual(ann.toldTexts(), ['closed hung_up']);
  ann.ops();
  server.comeBack(ann);
  await server.flow();
  assert.deepEqual(ann.ops(), ['reattach', 'hangup']);
  assert.deepEqual(bob.toldTexts(), ['incoming', 'closed hung_up']);
  server.lose(ann);
  server.comeBack(ann);
  await server.flow();
  assert.deepEqual(ann.ops(), []);
});

test('a side that is gone for good is given up, also when the server knows of it only', async () => {
  const { server, ann, bob } = await talking();
  server.lose(bob);
  ann.pc.reach('disconnected');
  await server.clock.pass(6_000);
  assert.deepEqual(ann.toldTexts(), ['closed lost']);
});

test('when the connection is over for good its calls are', async () => {
  const { server, ann } = await talking();
  server.lose(ann);
  ann.calls.onEvent({ kind: 'gone' });
  assert.deepEqual(ann.toldTexts(), ['closed lost']);
  assert.equal(server.clock.timersArmed, 0);
});

test('calls are hung up when the page ends, and before the connection is closed on purpose', async () => {
  for (const end of ['page', 'connection'] as const) {
    const { server, ann, bob } = await talking();
    if (end === 'page') for (const ended of [...ann.pageEnds]) ended();
    else ann.calls.onEvent({ kind: 'leaving' });
    await server.flow();
    assert.deepEqual([ann.toldTexts(), bob.toldTexts()], [['closed hung_up'], ['incoming', 'closed hung_up']]);
  }
});

test('only the calls that were named are hung up', async () => {
  const { server, ann, bob } = await talking();
  const eve = server.client('eve');
  const connecting = eve.connect({ cid: ann.cid });
  await server.flow();
  await connecting;
  assert.throws(() => ann.calls.close({ cid: 'eve' }), { name: 'PipitError', code: 'INVALID_PARAMETER' });
  ann.calls.close({ cid: eve.cid });
  await server.flow();
  assert.deepEqual([ann.toldTexts(), bob.toldTexts()], [['incoming', 'closed rejected'], ['incoming']]);
  ann.calls.close({ user: 'bob' });
  await server.flow();
  assert.deepEqual([ann.toldTexts(), bob.toldTexts()], [['closed hung_up'], ['closed hung_up']]);
});

test('a call whose part another connection has taken over is over here', async () => {
  const { ann } = await talking();
  ann.hear({ kind: 'ended', call: 'call1', reason: 'moved' });
  assert.deepEqual(ann.toldTexts(), ['closed moved']);
});

test('what is said of calls that nobody knows is ignored', async () => {
  const { server, ann } = await talking();
  ann.hear({ kind: 'accepted', call: 'x', user: 'eve', cid: 'cid:e', ticket: 't', data: null });
  ann.hear({ kind: 'signal', call: 'x', data: null });
  ann.hear({ kind: 'peer', call: 'x', state: 'away' });
  ann.hear({ kind: 'ended', call: 'x', reason: 'lost' });
  ann.hear({ kind: 'accepted', call: 'call1', user: 'eve', cid: 'cid:e', ticket: 't', data: null });
  await server.flow();
  assert.deepEqual([ann.told, ann.openConnections], [[], 1]);
});
