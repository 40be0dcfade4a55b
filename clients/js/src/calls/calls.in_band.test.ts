// Calls with a side that announces its data channels in band and knows of no others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from '../testing/fakes.js';
import { FakeChannel } from '../testing/rtc.js';
import type { RTCEvent, RTCResolved } from './types.js';
import { Server } from './calls.harness.js';
import type { Client } from './calls.harness.js';

const OTHER = { user: 'skye', cid: 'cid:skye' };

const described = ({ pc }: Client) => pc.channels.map(({ label, options, readyState }) => ({ label, ...options, readyState }));

/** What a callback was told of channels. */
const toldOfChannels = (events: RTCEvent[]) =>
  events.filter(({ target }) => target instanceof (FakeChannel as never)).map(({ type, target }) => `${type} ${(target as RTCDataChannel).label}`);

// Being called

/** Ann accepts a call of somebody who says this. */
async function accepting(data: object, params?: object): Promise<{ server: Server; ann: Client; resolved: Promise<RTCResolved> }> {
  const server = new Server();
  const ann = server.client('ann');
  server.calls.push({ id: 'c', caller: { client: server.client('skye'), ticket: 't' }, callee: undefined, ringing: [ann], signals: [] });
  ann.hear({ kind: 'ring', call: 'c', ...OTHER, expires_in_ms: 1, data: { description: { type: 'offer', sdp: 'good' }, channels: [], ...data } });
  const resolved = ann.ring.connectRTC(params, (event) => void ann.events.push(event));
  await server.flow();
  return { server, ann, resolved };
}

test('who accepts gets the channels that the caller announces, by their names, with all that happens to them', async () => {
  const { ann, resolved } = await accepting({ in_band: true });
  const { channels } = await resolved;
  const [chat, nameless] = [new FakeChannel('text-chat', { protocol: 'text-chat' }), new FakeChannel('default')];
  for (const channel of [chat, nameless]) {
    ann.pc.emit('datachannel', { channel });
    for (const type of ['open', 'message']) channel.emit(type);
  }
  assert.deepEqual(Object.entries(channels), [['text-chat', chat], ['default', nameless]]);
  assert.deepEqual(toldOfChannels(ann.events), ['open text-chat', 'message text-chat', 'open default', 'message default']);
});

test('who accepts opens none itself, for a second one of a name would do away with the caller\'s', async () => {
  const { ann, resolved } = await accepting({ in_band: true }, { channels: ['text-chat'] });
  const chat = new FakeChannel('text-chat', { protocol: 'text-chat' });
  ann.pc.emit('datachannel', { channel: chat });
  const { channels } = await resolved;
  assert.deepEqual([ann.pc.channels, Object.entries(channels), chat.readyState], [[], [['text-chat', chat]], 'connecting']);
  assert.deepEqual(ann.sent.find(({ op }) => op === 'accept')!.members.data.channels, []);
});

for (const in_band of [undefined, false, 1, 'true']) {
  test(`"in_band": ${JSON.stringify(in_band)} is not meant so`, async () => {
    const { ann, resolved } = await accepting({ in_band }, { channels: ['text-chat'] });
    assert.deepEqual(Object.keys((await resolved).channels), ['text-chat']);
    assert.equal(ann.pc.channels[0]!.options.id, 0);
  });
}

// Calling

/** Ann calls somebody who accepts with this. */
async function calling(data: object, params: object = {}): Promise<{ server: Server; ann: Client; resolved: Promise<RTCResolved> }> {
  const server = new Server();
  const [ann, other] = [server.client('ann'), server.client('skye')];
  const connecting = ann.connect({ cid: other.cid, ...params });
  await server.flow();
  const { connection: resolved } = await connecting;
  resolved.catch(() => {});
  ann.hear({ kind: 'accepted', call: 'call1', ...OTHER, ticket: 't', data: { description: { type: 'answer', sdp: 'good' }, ...data } });
  await settled();
  return { server, ann, resolved };
}

test('the caller announces its channels in place of those that it has made, of which nothing is told', async () => {
  const { ann, resolved } = await calling({ in_band: true, channels: [] }, { channels: ['gaming', {}] });
  const { channels } = await resolved;
  const gaming = { label: 'gaming', ordered: false, maxPacketLifeTime: 100, protocol: 'gaming' };
  const standard = { label: 'default', ordered: true, protocol: 'default' };
  assert.deepEqual(described(ann), [
    { ...gaming, negotiated: true, id: 0, readyState: 'closed' },
    { ...standard, negotiated: true, id: 1, readyState: 'closed' },
    { ...gaming, readyState: 'connecting' },
    { ...standard, readyState: 'connecting' },
  ]);
  assert.deepEqual(Object.values(channels), ann.pc.channels.slice(2));
  ann.pc.channels[2]!.emit('open');
  assert.deepEqual(toldOfChannels(ann.events), ['open gaming']);
  assert.deepEqual(ann.pc.channels.slice(0, 2).map(({ listeners }) => listeners), [0, 0]);
});

test('the caller\'s channels are made again before there is an answer, with which the numbers would be in use', async () => {
  const { ann } = await calling({ in_band: true });
  const [first, second] = ann.pc.channels;
  assert.ok(first!.readyState === 'closed' && second);
  assert.equal(ann.pc.remoteDescription?.type, 'answer');
  assert.equal(ann.pc.channels.length, 2);
});

test('a caller without channels announces none', async () => {
  const { ann, resolved } = await calling({ in_band: true }, { channels: [] });
  assert.deepEqual([Object.keys((await resolved).channels), ann.pc.channels], [[], []]);
});

test('channels of whoever accepts that are of no use end the call all the same', async () => {
  const { server, ann, resolved } = await calling({ in_band: true, channels: [7] });
  await assert.rejects(resolved, { reason: 'failed' });
  await server.flow();
  assert.deepEqual([ann.toldTexts(), server.calls.length, ann.openConnections], [['closed failed'], 0, 0]);
});
