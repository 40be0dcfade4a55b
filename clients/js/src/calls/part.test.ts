import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipitError } from '../errors.js';
import { FakeConnection } from '../testing/rtc.js';
import { settled } from '../testing/fakes.js';
import type { WebSocketMessage } from '../types.js';
import type { CallLink } from './link.js';
import { start } from './part.js';
import type { RTCIncoming } from './types.js';

function setUp() {
  const told: WebSocketMessage[] = [];
  const ops: string[] = [];
  const link: CallLink = {
    isOpen: () => true,
    command: (op, _members, done) => {
      ops.push(op);
      if (op === 'ice') done({ iceServers: [] });
      if (op === 'call') done({ call: 'c' });
    },
    tell: (message) => void told.push(message),
    log: () => {},
    toError: ({ code, message, ...details }) => new PipitError(code, message, details),
  };
  return { part: start(link), told, ops };
}

test('in Node without WebRTC a call is refused with a reason, and one that rings can be rejected', async () => {
  const { part, told, ops } = setUp();
  const refusal = { name: 'PipitError', code: 'ERROR', reason: 'no_webrtc' };
  await assert.rejects(part.connect({ user: 'bob' }, undefined), refusal);
  part.onEvent({ kind: 'ring', call: 'c', user: 'bob', cid: 'cid:b', expires_in_ms: 1, data: null });
  const incoming = told[0] as RTCIncoming;
  await assert.rejects(incoming.connectRTC(), refusal);
  incoming.hangup();
  assert.deepEqual(ops, ['hangup']);
});

test('another kind of network makes a call look for another way, and another estimate of its speed does not', async () => {
  const network = Object.assign(new EventTarget(), { type: 'wifi' });
  const made: FakeConnection[] = [];
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { connection: network }, configurable: true });
  Object.assign(globalThis, {
    RTCPeerConnection: class extends FakeConnection {
      constructor(config: RTCConfiguration) {
        super(config);
        made.push(this);
      }
    },
  });
  try {
    const { part } = setUp();
    const { hangup, connection } = await part.connect({ user: 'bob' }, undefined);
    part.onEvent({ kind: 'accepted', call: 'c', user: 'bob', cid: 'cid:b', ticket: 't', data: { description: { type: 'answer', sdp: '' } } });
    await connection;
    const restarts = () => made.map((pc) => pc.restarts);
    network.dispatchEvent(new Event('change'));
    assert.deepEqual(restarts(), [0]);
    network.type = 'cellular';
    for (let estimate = 0; estimate < 3; estimate += 1) network.dispatchEvent(new Event('change'));
    assert.deepEqual(restarts(), [1]);
    hangup();
  } finally {
    Reflect.deleteProperty(globalThis, 'RTCPeerConnection');
    Reflect.deleteProperty(globalThis, 'navigator');
    if (before) Object.defineProperty(globalThis, 'navigator', before);
  }
});

test('a WebRTC that the application has brought to Node is used, one of data channels only as well', async () => {
  const { part, ops } = setUp();
  Object.assign(globalThis, { RTCPeerConnection: FakeConnection });
  try {
    const { hangup, connection } = await part.connect({ user: 'bob' }, undefined);
    hangup();
    await assert.rejects(connection, { reason: 'cancelled' });
    await settled();
    assert.deepEqual(ops, ['ice', 'call', 'hangup']);
    await assert.rejects(part.connect({ user: 'bob', media: { video: true } }, undefined), { reason: 'insecure_page' });
  } finally {
    Reflect.deleteProperty(globalThis, 'RTCPeerConnection');
  }
});
