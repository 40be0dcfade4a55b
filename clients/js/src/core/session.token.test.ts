import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Harness } from './session.harness.js';

const fetching = (token?: string) => new Harness({ ...(token === undefined ? {} : { token }), canFetchToken: true });

test('a token that cannot be fetched fails the first connection, with what getToken threw', () => {
  const harness = fetching().do((session) => session.connect('ann'));
  const thrown = new Error('offline');
  harness.do((session) => session.onTokenFailed(thrown));
  const [error] = harness.take().flatMap((effect) => (effect.do === 'reject' ? [effect.error] : []));
  assert.equal(error!.reason, 'token_unavailable');
  assert.equal(error!.cause, thrown);
});

test('a token that does not come in time fails the attempt', () => {
  const harness = fetching().do((session) => session.connect('ann'));
  assert.equal(harness.armed.get('attempt'), 30_000);
  harness.ring('attempt');
  assert.deepEqual(harness.settled(), ['ann: ERROR Skapi: WebSocket connection error.']);
});

test('a missing token is fetched before the socket is opened', () => {
  const harness = fetching().do((session) => session.connect('ann'));
  assert.equal(harness.did('open_socket'), false);
  harness.do((session) => session.onToken('T9')).do((session) => session.onOpened());
  assert.equal(harness.sent()[0]!.token, 'T9');
});

test('a token at hand is used, and used again to come back', () => {
  const harness = fetching('T1').do((session) => session.connect('ann')).signIn().lose().ring('retry');
  assert.equal(harness.did('fetch_token'), false);
});

test('a token near its end is not used to come back', () => {
  const harness = fetching('T1').do((session) => session.connect('ann')).signIn({ lifetimeMs: 100_000 });
  harness.nowMs = 90_000;
  harness.lose().ring('retry');
  assert.ok(harness.did('fetch_token'));
  assert.equal(harness.take().filter((effect) => effect.do === 'open_socket').length, 1);
});

for (const [name, expire] of [
  ['reply', (h: Harness) => h.error('connect', 'token_expired', true)],
  ['close code', (h: Harness) => h.lose(4001)],
] as const) {
  test(`an old token refused as expired by ${name} is replaced within the same attempt`, () => {
    const harness = fetching('T1').do((session) => session.connect('ann')).do((session) => session.onOpened());
    harness.take();
    expire(harness);
    assert.ok(harness.did('fetch_token'));
    harness.do((session) => session.onToken('T2')).signIn();
    assert.deepEqual(harness.settled(), ['ann: socket']);
  });
}

test('a new token refused as expired fails the attempt', () => {
  const harness = fetching().do((session) => session.connect('ann')).do((session) => session.onToken('T1'));
  harness.do((session) => session.onOpened()).error('connect', 'token_expired', true);
  assert.deepEqual(harness.settled(), ['ann: ERROR Skapi: WebSocket connection error.']);
});

test('a connection closed for its token comes back with a new one', () => {
  const harness = fetching('T1').open().lose(4001).ring('retry');
  assert.ok(harness.did('fetch_token'));
  assert.equal(harness.did('open_socket'), false);
});

test('a connection closed for its token stays closed when none can be fetched', () => {
  const harness = new Harness().open().lose(4001, 'The token has run out.');
  assert.deepEqual(harness.toldTexts(), ['error The token has run out.', 'close WebSocket connection closed.']);
  assert.equal(harness.armed.size, 0);
});

test('getToken failing while coming back is one more failed attempt', () => {
  const harness = fetching('T1').open().lose(4001).ring('retry').do((session) => session.onTokenFailed(new Error('offline')));
  assert.ok(harness.armed.has('retry'));
});

test('the token is renewed on the open connection in time, again and again', () => {
  const harness = fetching('T1').do((session) => session.connect('ann')).signIn({ lifetimeMs: 100_000 });
  assert.equal(harness.armed.get('refresh'), 90_000);
  harness.take();
  harness.ring('refresh').do((session) => session.onToken('T2'));
  assert.deepEqual(harness.sent().map(({ op, token }) => [op, token]), [['refresh', 'T2']]);
  harness.ok('refresh', { token_expires_in_ms: 200_000 });
  assert.equal(harness.armed.get('refresh'), 90_000 + 180_000);
});

test('the event "token" asks for a renewal, but not for a second at the same time', () => {
  const harness = fetching('T1').open().receive({ ev: 'token', expires_in_ms: 30_000 }, { ev: 'token', expires_in_ms: 29_000 });
  assert.equal(harness.take().filter((effect) => effect.do === 'fetch_token').length, 1);
});

test('without getToken nothing is renewed', () => {
  const harness = new Harness().open().receive({ ev: 'token', expires_in_ms: 30_000 });
  assert.deepEqual(harness.take(), []);
  assert.equal(harness.armed.has('refresh'), false);
});

test('a renewal that fails is tried again, and the connection stays', () => {
  const harness = fetching('T1').open().ring('refresh').do((session) => session.onTokenFailed(new Error('offline')));
  assert.equal(harness.armed.get('refresh'), harness.nowMs + 5_000);
  harness.ring('refresh').do((session) => session.onToken('T2')).error('refresh', 'token_refused', false);
  assert.equal(harness.armed.get('refresh'), harness.nowMs + 5_000);
  assert.deepEqual(harness.told(), []);
  harness.lose().ring('retry');
  harness.take();
  harness.do((session) => session.onToken('T3')).do((session) => session.onOpened());
  assert.equal(harness.sent()[0]!.token, 'T3');
});

test('a renewal that hangs is begun anew when the time of getToken is over, and that is logged', () => {
  const harness = fetching('T1').open().ring('refresh');
  assert.equal(harness.armed.get('refresh'), harness.nowMs + 30_000);
  harness.take();
  harness.ring('refresh');
  assert.deepEqual(harness.take().map((effect) => effect.do), ['log', 'arm', 'fetch_token']);
  harness.do((session) => session.onToken('T2'));
  assert.deepEqual(harness.sent().map(({ op, token }) => [op, token]), [['refresh', 'T2']]);
});

test('a renewal that the server does not answer is begun anew', () => {
  const harness = fetching('T1').open().ring('refresh').do((session) => session.onToken('T2'));
  harness.take();
  harness.ring('refresh');
  assert.ok(harness.did('fetch_token'));
});

test('the event "token" begins a renewal anew that has hung for 5 s', () => {
  const harness = fetching('T1').open().ring('refresh');
  harness.take();
  harness.nowMs += 4_999;
  harness.receive({ ev: 'token', expires_in_ms: 30_000 });
  assert.equal(harness.did('fetch_token'), false);
  harness.nowMs += 1;
  harness.receive({ ev: 'token', expires_in_ms: 29_999 });
  assert.ok(harness.did('fetch_token'));
});

test('tokens that are short-lived from the start are not renewed in a loop', () => {
  const harness = fetching('T1').open();
  for (let i = 0; i < 3; i += 1) {
    harness.receive({ ev: 'token', expires_in_ms: 20_000 });
    if (i === 0) harness.do((session) => session.onToken('T2'));
    harness.ok('refresh', { token_expires_in_ms: 20_000 });
  }
  assert.equal(harness.take().filter((effect) => effect.do === 'fetch_token').length, 1);
  assert.equal(harness.armed.get('refresh'), 10_000);
});

test('a token that does not run out is not renewed', () => {
  const harness = fetching('T1').open().ring('refresh').do((session) => session.onToken('T2')).ok('refresh', {});
  assert.equal(harness.armed.has('refresh'), false);
});
