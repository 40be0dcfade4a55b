import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Harness } from './session.harness.js';

const NOT_OPEN = 'INVALID_REQUEST Realtime connection is not open. Try reconnecting with connectRealtime().';
const RECONNECT_1 = 'reconnect Reconnecting to WebSocket server...1';
const SUCCESS = 'success Connected to WebSocket server.';

test('a lost connection comes back after the back-off, telling each attempt', () => {
  const harness = new Harness().open().lose();
  assert.deepEqual(harness.told(), []);
  assert.equal(harness.armed.get('retry'), 250);
  harness.ring('retry');
  assert.deepEqual(harness.toldTexts(), [RECONNECT_1]);
  assert.ok(harness.did('open_socket'));
  harness.signIn();
  assert.deepEqual(harness.toldTexts(), [RECONNECT_1, SUCCESS]);
});

test('it tries for ever, and never waits longer than 20 s', () => {
  const harness = new Harness().open().lose();
  harness.random = 0.999_999;
  for (let attempt = 1; attempt <= 100; attempt += 1) {
    harness.ring('retry');
    assert.deepEqual(harness.toldTexts(), [`reconnect Reconnecting to WebSocket server...${attempt}`]);
    harness.take();
    const lostAtMs = harness.nowMs;
    harness.lose();
    assert.ok(harness.armed.get('retry')! - lostAtMs < 20_000);
  }
});

for (const [code, name] of [[1001, 'going_away'], [4002, 'slow_consumer'], [4003, 'ping_timeout'], [4006, 'unavailable']] as const) {
  test(`after close code ${code}, ${name}, it comes back by itself, and into its group`, () => {
    const harness = new Harness().openIn('tea').lose(code).ring('retry').signIn().rejoin('tea');
    assert.deepEqual(harness.toldTexts(), [RECONNECT_1, SUCCESS]);
  });
}

test('an attempt that hangs is given up in time', () => {
  const harness = new Harness().open().lose().ring('retry');
  harness.take();
  harness.ring('attempt');
  assert.ok(harness.did('drop_socket'));
  assert.ok(harness.armed.has('retry'));
});

for (const [code, reason] of [[1000, 'normal'], [1009, 'message_too_big'], [4500, 'token_refused'], [4777, 'close_4777']] as const) {
  test(`close code ${code} means stop: an error, then close`, () => {
    const harness = new Harness().open().do((session) => session.post(1, 'tea', null, 'posting')).lose(code, 'Because.');
    assert.deepEqual(harness.toldTexts(), ['error Because.', 'close WebSocket connection closed.']);
    assert.equal((harness.told()[0] as { reason?: string }).reason, reason);
    assert.deepEqual(harness.settled(), [`posting: ${NOT_OPEN}`]);
    assert.equal(harness.armed.size, 0);
    harness.take();
    harness.do((session) => session.post(1, 'tea', null, 'later'));
    assert.deepEqual(harness.settled(), [`later: ${NOT_OPEN}`]);
  });
}

test('a sign-in that is refused while coming back means stop', () => {
  const harness = new Harness().open().lose().ring('retry').do((session) => session.onOpened());
  harness.error('connect', 'token_refused', false);
  assert.deepEqual(harness.toldTexts(), [RECONNECT_1, 'error No: token_refused.', 'close WebSocket connection closed.']);
});

test('after a stop connectRealtime() begins anew, and is alone to do so', () => {
  const harness = new Harness().open().lose(4500).do((session) => session.onWake());
  assert.equal(harness.did('open_socket'), false);
  harness.take();
  harness.do((session) => session.connect('again')).signIn();
  assert.deepEqual(harness.settled(), ['again: socket']);
});

test('the group is joined again before success is told', () => {
  const harness = new Harness().openIn('tea').lose().ring('retry').signIn();
  assert.deepEqual(harness.sent().map(({ op, group }) => [op, group]), [['connect', undefined], ['join', 'tea']]);
  assert.deepEqual(harness.toldTexts(), [RECONNECT_1]);
  assert.equal(harness.session.user, null);
  harness.rejoin('tea');
  assert.deepEqual(harness.toldTexts(), [RECONNECT_1, SUCCESS]);
});

test('a group that may not be joined again is lost with an error, the connection is not', () => {
  const harness = new Harness().openIn('tea').lose().ring('retry').signIn();
  harness.error('join', 'group_not_allowed', false);
  assert.deepEqual(harness.toldTexts(), [RECONNECT_1, 'error No: group_not_allowed.', 'gap Messages to the group "tea" may have been missed.', SUCCESS]);
  harness.take();
  harness.lose().ring('retry').signIn();
  assert.deepEqual(harness.sent().map(({ op }) => op), ['connect']);
});

test('calls whose answer was lost are sent again, in order and unchanged, after the group is joined', () => {
  const harness = new Harness().openIn('tea');
  harness.do((session) => session.post('one', 'tea', null, 'one')).do((session) => session.join({ group: 'den' }, 'joining'));
  harness.do((session) => session.post('two', 'den', null, 'two'));
  const [one, joining, two] = harness.sent();
  harness.take();
  harness.lose().ring('retry').signIn();
  harness.take();
  harness.ok('join', { group: 'tea', message: '' });
  assert.deepEqual(harness.sent(), [one, joining, two]);
  assert.match(String(one!.key), /^k\.\d+$/);
  assert.notEqual(one!.key, two!.key);
  harness.receive({ id: one!.id, ok: {} }, { id: joining!.id, ok: { group: 'den', message: 'Joined.' } }, { id: two!.id, ok: {} });
  assert.deepEqual(harness.settled(), ['one: Message sent.', 'joining: Joined.', 'two: Message sent.']);
});

test('a call that was answered is not sent again', () => {
  const harness = new Harness().open().do((session) => session.post(1, 'tea', null, 'posting')).ok('post');
  harness.lose().ring('retry');
  harness.take();
  harness.signIn();
  assert.deepEqual(harness.sent().map(({ op }) => op), ['connect']);
});

test('a wake-up ends the wait for the next attempt', () => {
  const harness = new Harness().open().lose().do((session) => session.onWake());
  assert.deepEqual(harness.toldTexts(), [RECONNECT_1]);
  assert.equal(harness.armed.has('retry'), false);
  harness.do((session) => session.onWake());
  assert.deepEqual(harness.toldTexts(), [RECONNECT_1]);
});

test('connectRealtime() ends the wait, and is refused when that attempt fails, which is not the last', () => {
  const harness = new Harness().open().lose().do((session) => session.connect('again'));
  assert.deepEqual(harness.toldTexts(), [RECONNECT_1]);
  harness.lose();
  assert.deepEqual(harness.settled(), ['again: ERROR Skapi: WebSocket connection error.']);
  assert.ok(harness.armed.has('retry'));
});

test('a draining server is given the time that it asked for, wake-up or not', () => {
  const harness = new Harness().open().receive({ ev: 'drain', reconnect_in_ms: 2_113 });
  harness.nowMs = 100;
  harness.lose(4000).do((session) => session.onWake());
  assert.equal(harness.armed.get('retry'), 2_113);
  assert.deepEqual(harness.told(), []);
});

test('until a draining server closes the connection serves', () => {
  const harness = new Harness().open().receive({ ev: 'drain', reconnect_in_ms: 2_113 });
  harness.do((session) => session.post(1, 'tea', null, 'posting')).ok('post');
  assert.deepEqual(harness.settled(), ['posting: Message sent.']);
});

test('a connection is lost when nothing came for ping and pong time', () => {
  const harness = new Harness().open();
  assert.equal(harness.armed.get('silence'), 33_000);
  harness.nowMs = 20_000;
  harness.receive({});
  harness.ring('silence');
  assert.equal(harness.armed.get('silence'), 53_000);
  harness.ring('silence');
  assert.ok(harness.did('drop_socket'));
  assert.ok(harness.armed.has('retry'));
});

test('a wake-up finds out that the connection died in the meantime, and it comes back at once', () => {
  const harness = new Harness().open();
  harness.nowMs = 40_000;
  harness.do((session) => session.onWake());
  assert.deepEqual(harness.toldTexts(), [RECONNECT_1]);
  assert.equal(harness.armed.has('retry'), false);
  assert.ok(harness.did('open_socket'));
});

test('a wake-up asks the server for a word, and without one it comes back at once', () => {
  const harness = new Harness().open();
  harness.nowMs = 1_000;
  harness.do((session) => session.onWake());
  assert.deepEqual(harness.sent().map(({ op, token }) => [op, token]), [['refresh', 'T1']]);
  assert.equal(harness.armed.get('silence'), 4_000);
  harness.take();
  harness.ring('silence');
  assert.deepEqual(harness.toldTexts(), [RECONNECT_1]);
  assert.equal(harness.armed.has('retry'), false);
  assert.ok(harness.did('open_socket'));
});

test('an attempt after a wake-up that fails is followed by the usual wait', () => {
  const harness = new Harness().open().do((session) => session.onWake()).ring('silence').lose();
  assert.equal(harness.armed.get('retry'), harness.nowMs + 500);
});

for (const [name, word] of [
  ['the answer', (h: Harness) => h.ok('refresh', { token_expires_in_ms: 3_600_000 })],
  ['a refusal', (h: Harness) => h.error('refresh', 'rate_limited', true)],
  ['a heartbeat', (h: Harness) => h.receive({})],
] as const) {
  test(`after a wake-up ${name} is proof enough of the connection`, () => {
    const harness = new Harness({ token: 'T1', canFetchToken: true }).open().do((session) => session.onWake());
    harness.nowMs = 2_000;
    word(harness);
    harness.take();
    harness.ring('silence');
    assert.deepEqual(harness.take().map((effect) => effect.do), ['arm']);
    assert.equal(harness.armed.get('silence'), 35_000);
  });
}

test('several wake-ups ask once, and give no more time', () => {
  const harness = new Harness().open().do((session) => session.onWake());
  harness.nowMs = 2_000;
  harness.do((session) => session.onWake());
  assert.equal(harness.sent().length, 1);
  assert.equal(harness.armed.get('silence'), 3_000);
  harness.receive({}).do((session) => session.onWake());
  assert.equal(harness.sent().filter(({ op }) => op === 'refresh').length, 2);
});

test('a draining server that says nothing after a wake-up is given its time', () => {
  const harness = new Harness().open().receive({ ev: 'drain', reconnect_in_ms: 5_000 }).do((session) => session.onWake());
  harness.ring('silence');
  assert.equal(harness.armed.get('retry'), 5_000);
});

test('closing during the wait ends it', () => {
  const harness = new Harness().openIn('tea').do((session) => session.post(1, 'tea', null, 'posting')).lose();
  harness.take();
  harness.do((session) => session.close());
  assert.deepEqual(harness.settled(), [`posting: ${NOT_OPEN}`]);
  assert.deepEqual(harness.toldTexts(), ['close WebSocket connection closed.']);
  assert.deepEqual(harness.sent(), []);
  assert.equal(harness.armed.size, 0);
});
