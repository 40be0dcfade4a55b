import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipitError } from '../errors.js';
import { CID, Harness } from './session.harness.js';

const FAILED = 'ERROR Skapi: WebSocket connection error.';

function rejection(harness: Harness): PipitError {
  const [error] = harness.take().flatMap((effect) => (effect.do === 'reject' ? [effect.error] : []));
  assert.ok(error instanceof PipitError);
  return error;
}

for (const [name, fail, reason] of [
  ['the socket does not open', (h: Harness) => h.lose(1006), 'close_1006'],
  ['the server is draining', (h: Harness) => h.lose(4000), 'draining'],
  ['the token is refused by close code', (h: Harness) => h.do((s) => s.onOpened()).lose(4500), 'token_refused'],
  ['the token is refused by reply', (h: Harness) => h.do((s) => s.onOpened()).error('connect', 'token_refused', false), 'token_refused'],
  ['there are too many connections', (h: Harness) => h.do((s) => s.onOpened()).error('connect', 'too_many_connections', true), 'too_many_connections'],
  ['the token has expired and cannot be fetched', (h: Harness) => h.do((s) => s.onOpened()).error('connect', 'token_expired', true), 'token_expired'],
  ['nothing happens in time', (h: Harness) => h.ring('attempt'), 'timeout'],
] as const) {
  test(`the first connection is refused at once when ${name}`, () => {
    const harness = new Harness().do((session) => session.connect('ann'));
    fail(harness);
    assert.deepEqual(harness.settled(), [`ann: ${FAILED}`]);
    assert.deepEqual(harness.told(), []);
    assert.equal(rejection(harness).reason, reason);
    assert.equal(harness.armed.size, 0);
  });
}

test('a failed first connection says what the server answered', () => {
  const harness = new Harness().do((session) => session.connect('ann')).do((session) => session.onOpened());
  harness.error('connect', 'token_refused', false);
  assert.equal((rejection(harness).cause as PipitError).message, 'No: token_refused.');
});

test('a first connection that never opened says what may be in the way', () => {
  const harness = new Harness().do((session) => session.connect('ann')).lose(1006);
  assert.match(String(rejection(harness).cause), /WebSocket at wss:\/\/chat\.example\/v1\/realtime:.*server\.allowed_origins/);
  harness.take();
  harness.do((session) => session.connect('ann')).do((session) => session.onOpened()).lose(1006);
  assert.equal(rejection(harness).cause, undefined);
});

test('calls made before a first connection that fails are refused as never connected', () => {
  const harness = new Harness().do((session) => session.connect('ann')).do((session) => session.post(1, 'tea room', null, 'posting'));
  harness.lose();
  assert.deepEqual(harness.settled(), [
    `ann: ${FAILED}`,
    'posting: INVALID_REQUEST No realtime connection. Execute connectRealtime() before this method.',
  ]);
});

test('after a failed first connection it can be tried again', () => {
  const harness = new Harness().do((session) => session.connect('ann')).lose();
  harness.take();
  harness.do((session) => session.connect('ann')).signIn();
  assert.deepEqual(harness.settled(), ['ann: socket']);
});

test('the token goes into the first message, once the socket is open', () => {
  const harness = new Harness().do((session) => session.connect('ann'));
  assert.deepEqual(harness.sent(), []);
  harness.do((session) => session.onOpened());
  assert.deepEqual(harness.sent(), [{ id: 1, op: 'connect', token: 'T1', client: 'pipit-js/test' }]);
});

test('connecting resolves once signed in, and tells so', () => {
  const harness = new Harness().do((session) => session.connect('ann'));
  harness.do((session) => session.onOpened());
  assert.deepEqual(harness.settled(), []);
  assert.equal(harness.session.user, null);
  harness.signIn();
  assert.deepEqual(harness.settled(), ['ann: socket']);
  assert.deepEqual(harness.told(), [
    { type: 'success', message: 'Connected to WebSocket server.', sender: null, sender_cid: null, sender_rid: null, code: null },
  ]);
  assert.deepEqual(harness.session.user, { user_id: 'ann', cid: CID });
});

test('calls at the same time share one attempt, later ones the open socket', () => {
  const harness = new Harness().do((session) => session.connect('a')).do((session) => session.connect('b'));
  harness.signIn().do((session) => session.connect('c'));
  assert.equal(harness.take().filter((effect) => effect.do === 'open_socket').length, 1);
  harness.do((session) => session.connect('d'));
  assert.deepEqual(harness.settled(), ['d: socket']);
  assert.deepEqual(harness.told(), []);
});

test('calls made while connecting are sent, in order, once signed in', () => {
  const harness = new Harness().do((session) => session.connect('ann'));
  harness.do((session) => session.join({ group: 'tea' }, 'joining')).do((session) => session.post(1, 'tea', null, 'posting'));
  assert.deepEqual(harness.sent(), []);
  harness.signIn();
  assert.deepEqual(harness.sent().map(({ op }) => op), ['connect', 'join', 'post']);
});

test('closing while the socket opens drops it and refuses who waits', () => {
  const harness = new Harness().do((session) => session.connect('ann')).do((session) => session.post(1, 'a', null, 'posting'));
  harness.do((session) => session.close());
  assert.ok(harness.did('drop_socket'));
  assert.deepEqual(harness.settled(), [
    `ann: ${FAILED}`,
    'posting: INVALID_REQUEST Realtime connection is not open. Try reconnecting with connectRealtime().',
  ]);
  assert.deepEqual(harness.toldTexts(), ['close WebSocket connection closed.']);
  assert.equal(harness.armed.size, 0);
});

test('closing without a connection does nothing', () => {
  const harness = new Harness().do((session) => session.close());
  assert.deepEqual(harness.take(), []);
});

test('closing leaves the group, then drops the socket, and tells', () => {
  const harness = new Harness().openIn('tea').do((session) => session.close());
  const deeds = harness.take();
  assert.deepEqual(deeds.map((effect) => effect.do).filter((deed) => deed !== 'disarm' && deed !== 'call'), ['send', 'drop_socket', 'tell']);
  assert.equal(harness.session.user, null);
  assert.equal(harness.armed.size, 0);
});

test('closing leaves also a group that is being joined, and none if there is none', () => {
  const joining = new Harness().open().do((session) => session.join({ group: 'tea' }, 'joining'));
  joining.do((session) => session.close());
  assert.deepEqual(joining.sent().map(({ op }) => op), ['join', 'leave']);
  const alone = new Harness().open().do((session) => session.close());
  assert.deepEqual(alone.sent(), []);
});

test('after closing a new connection does not join the old group', () => {
  const harness = new Harness().openIn('tea').do((session) => session.close());
  harness.take();
  harness.do((session) => session.connect('again')).signIn();
  assert.deepEqual(harness.sent().map(({ op }) => op), ['connect']);
});
