import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CID, Harness } from './session.harness.js';

const SUCCESS = 'success Connected to WebSocket server.';
const BOB = 'cid:BBBBBBBBBBBBBBBB';
const NEW = 'cid:NNNNNNNNNNNNNNNN';
const STREAM = { epoch: 'p', offset: 3 };

const message = (offset: number, data: unknown = `m${offset}`) => ({ ev: 'message', group: 'tea', offset, user: 'bob', cid: BOB, data });
const secret = (offset: number, data: unknown = `p${offset}`) => ({ ev: 'private', offset, user: 'bob', cid: BOB, data });
const notice = (offset: number, cid: string) => ({ ev: 'notice', group: 'tea', offset, code: 'USER_JOINED', user: 'x', cid, message: `n${offset}` });

/** In "tea", with positions 3 of the user and 0 of the group, then lost, and a new attempt has begun. */
function comingBack(before: (harness: Harness) => void = () => {}): Harness {
  const harness = new Harness().do((session) => session.connect('connecting')).signIn({ stream: STREAM });
  harness.do((session) => session.join({ group: 'tea' }, 'joining'));
  harness.ok('join', { group: 'tea', message: '', epoch: 'e', offset: 0 });
  before(harness);
  harness.lose().ring('retry');
  harness.take();
  return harness;
}

const successes = (harness: Harness) =>
  harness.told().flatMap((told) => (told.type === 'success' ? [[told.recovered, told.recovered_messages]] : []));
const sinces = (harness: Harness) => harness.sent().map(({ op, since }) => [op, since]);

test('a first connection recovers nothing and says nothing of it', () => {
  const harness = new Harness().do((session) => session.connect('connecting')).signIn({ stream: STREAM });
  assert.deepEqual(sinces(harness), [['connect', undefined]]);
  assert.deepEqual(Object.keys(harness.told()[0]!), ['type', 'message', 'sender', 'sender_cid', 'sender_rid', 'code']);
});

test('a connection that comes back says how far it has come: by what was answered, and by each event', () => {
  assert.deepEqual(sinces(comingBack().signIn({ stream: { ...STREAM, recovered: true, replayed: 0 } })), [
    ['connect', STREAM],
    ['join', { epoch: 'e', offset: 0 }],
  ]);
  const later = comingBack((h) => void h.receive(message(1), notice(2, BOB), secret(4), { ev: 'private', user: 'bob', cid: BOB, data: 1 }));
  assert.deepEqual(sinces(later.signIn()), [
    ['connect', { epoch: 'p', offset: 4 }],
    ['join', { epoch: 'e', offset: 2 }],
  ]);
});

test('what was missed is told in order, then success, then what is new', () => {
  const harness = comingBack().signIn({ stream: { ...STREAM, recovered: true, replayed: 2 } });
  harness.receive(secret(4), secret(5));
  harness.rejoin('tea', { recovered: true, replayed: 2 });
  harness.receive(message(1));
  assert.equal(harness.session.user, null);
  harness.receive(message(2), message(3), secret(6));
  assert.deepEqual(harness.toldTexts(), ['private p4', 'private p5', 'message m1', 'message m2', SUCCESS, 'message m3', 'private p6']);
  assert.deepEqual(successes(harness), [[true, 4]]);
});

test('nothing missed is recovered, too', () => {
  const harness = comingBack().signIn({ stream: { ...STREAM, recovered: true, replayed: 0 } }).rejoin('tea');
  assert.deepEqual(successes(harness), [[true, 0]]);
});

test('private messages that come late are waited for', () => {
  const harness = comingBack().signIn({ stream: { ...STREAM, recovered: true, replayed: 1 } }).rejoin('tea');
  assert.deepEqual(harness.told(), []);
  harness.receive(secret(4));
  assert.deepEqual(harness.toldTexts(), ['private p4', SUCCESS]);
});

test('a long replay is asked for page by page', () => {
  const harness = comingBack().signIn({ stream: { ...STREAM, recovered: true, replayed: 0 } });
  harness.rejoin('tea', { recovered: true, replayed: 2, more: true });
  harness.receive(message(1), message(2)).rejoin('tea', { recovered: true, replayed: 0, more: true });
  harness.rejoin('tea', { recovered: true, replayed: 1 }).receive(message(3), message(4));
  assert.deepEqual(sinces(harness).slice(1), [
    ['join', { epoch: 'e', offset: 0 }],
    ['join', { epoch: 'e', offset: 2 }],
    ['join', { epoch: 'e', offset: 2 }],
  ]);
  assert.deepEqual(harness.toldTexts(), ['message m1', 'message m2', 'message m3', SUCCESS, 'message m4']);
  assert.deepEqual(successes(harness), [[true, 3]]);
});

test('a replay that outlives the history ends in a gap', () => {
  const harness = comingBack().signIn({ stream: { ...STREAM, recovered: true, replayed: 0 } });
  harness.rejoin('tea', { recovered: true, replayed: 1, more: true }).receive(message(1));
  harness.rejoin('tea', { offset: 9, recovered: false, reason: 'window', missed: 8 }).receive(message(10));
  assert.deepEqual(harness.toldTexts(), ['message m1', 'gap Messages to the group "tea" may have been missed.', SUCCESS, 'message m10']);
  assert.deepEqual(successes(harness), [[false, 1]]);
});

test('whoever gets what it has missed is given time, and who gets nothing is not', () => {
  const harness = comingBack().signIn({ stream: STREAM }).rejoin('tea', { recovered: true, replayed: 3 });
  harness.nowMs += 14_000;
  harness.receive(message(1));
  assert.equal(harness.armed.get('attempt'), harness.nowMs + 15_000);
  harness.take();
  harness.ring('attempt');
  assert.ok(harness.did('drop_socket'));
  assert.ok(harness.armed.has('retry'));
});

test('a replay that is cut goes on from the last event, and is counted in full', () => {
  const harness = comingBack().signIn({ stream: { ...STREAM, recovered: true, replayed: 1 } }).receive(secret(4));
  harness.rejoin('tea', { recovered: true, replayed: 3 }).receive(message(1));
  harness.lose().ring('retry').signIn({ stream: { epoch: 'p', offset: 4, recovered: true, replayed: 0 } });
  assert.deepEqual(sinces(harness).slice(-2), [
    ['connect', { epoch: 'p', offset: 4 }],
    ['join', { epoch: 'e', offset: 1 }],
  ]);
  harness.rejoin('tea', { recovered: true, replayed: 2 }).receive(message(2), message(3));
  assert.deepEqual(successes(harness), [[true, 4]]);
  harness.take();
  harness.lose().ring('retry').signIn({ stream: { epoch: 'p', offset: 4, recovered: true, replayed: 0 } }).rejoin('tea');
  assert.deepEqual(successes(harness), [[true, 0]]);
});

test('notices of its own connections, this one and those before, are left out, and not counted as messages', () => {
  const harness = comingBack().do((session) => session.onOpened());
  harness.ok('connect', { user: 'ann', cid: NEW, ping_interval_ms: 1, pong_timeout_ms: 1, stream: { ...STREAM, recovered: true, replayed: 0 } });
  harness.rejoin('tea', { recovered: true, replayed: 4 });
  harness.receive(notice(1, CID), notice(2, BOB), notice(3, NEW), message(4), notice(5, NEW), notice(6, BOB));
  assert.deepEqual(harness.toldTexts(), ['notice n2', 'message m4', SUCCESS, 'notice n6']);
  assert.deepEqual(successes(harness), [[true, 1]]);
});

test('for each stream that is not recovered there is a gap before success, with its size and reason', () => {
  const harness = comingBack().signIn({ stream: { epoch: 'q', offset: 0, recovered: false, reason: 'epoch' } });
  harness.rejoin('tea', { epoch: 'e', offset: 50, recovered: false, reason: 'window', missed: 50 });
  const others = { sender: null, sender_cid: null, code: null };
  assert.deepEqual(harness.told().slice(0, 2), [
    { type: 'gap', message: 'Private messages may have been missed.', ...others, sender_rid: null, reason: 'epoch' },
    { type: 'gap', message: 'Messages to the group "tea" may have been missed.', ...others, sender_rid: 'tea', reason: 'window', missed: 50 },
  ]);
  assert.deepEqual(successes(harness), [[false, 0]]);
  harness.take();
  harness.receive(message(51), secret(1));
  assert.deepEqual(harness.toldTexts(), ['message m51', 'private p1']);
});

test('with a server that knows of no positions nothing counts as recovered', () => {
  const harness = comingBack().signIn().ok('join', { group: 'tea', message: '', epoch: 'e', offset: 0 });
  assert.deepEqual(successes(harness), [[false, 0]]);
  assert.deepEqual(harness.told().map((told) => (told.type === 'gap' ? told.reason : told.type)), ['unavailable', 'unavailable', 'success']);
});

test('an event that has come before is not told again, but in the log', () => {
  const harness = comingBack((h) => void h.receive(message(1))).signIn({ stream: { ...STREAM, recovered: true, replayed: 0 } });
  harness.rejoin('tea').receive(message(1), message(2), message(2));
  assert.deepEqual(harness.toldTexts(), [SUCCESS, 'message m2']);
  assert.equal(harness.take().filter((effect) => effect.do === 'log').length, 2);
});

test('a hole is a gap where it is found', () => {
  const harness = new Harness().openIn('tea').receive(message(1), message(4));
  assert.deepEqual(harness.toldTexts(), ['message m1', 'gap Messages to the group "tea" may have been missed.', 'message m4']);
  const [, gap] = harness.told();
  assert.deepEqual(gap?.type === 'gap' && [gap.reason, gap.missed], ['hole', 2]);
});

test('a group that may not be joined again is not recovered, and has a gap beside its error', () => {
  const harness = comingBack().signIn({ stream: { ...STREAM, recovered: true, replayed: 0 } }).error('join', 'group_not_allowed', false);
  assert.deepEqual(harness.toldTexts(), ['error No: group_not_allowed.', 'gap Messages to the group "tea" may have been missed.', SUCCESS]);
  assert.deepEqual(successes(harness), [[false, 0]]);
});

test('another group begins at its own position, and none has none', () => {
  const harness = new Harness().openIn('tea').receive(message(1)).do((session) => session.join({ group: 'den' }, 'joining'));
  harness.ok('join', { group: 'den', message: '', epoch: 'd', offset: 7 });
  harness.receive({ ...message(8), group: 'den' });
  assert.deepEqual(harness.toldTexts(), ['message m1', 'message m8']);
  harness.take();
  harness.lose().ring('retry').signIn();
  assert.deepEqual(sinces(harness).at(-1), ['join', { epoch: 'd', offset: 8 }]);
  harness.rejoin('den').do((session) => session.join(null, 'leaving')).ok('leave', { group: null, message: '' });
  harness.take();
  harness.lose().ring('retry').signIn();
  assert.deepEqual(sinces(harness).map(([op]) => op), ['connect']);
});

test('after closing, a new beginning recovers nothing', () => {
  const harness = comingBack().do((session) => session.close());
  harness.take();
  harness.do((session) => session.connect('again')).signIn({ stream: STREAM });
  assert.deepEqual(sinces(harness), [['connect', undefined]]);
  assert.deepEqual(successes(harness), [[undefined, undefined]]);
});

test('a token that runs out during a long replay is renewed', () => {
  const harness = new Harness({ token: 'T1', canFetchToken: true }).openIn('tea').lose().ring('retry');
  harness.signIn({ lifetimeMs: 100_000 }).rejoin('tea', { recovered: true, replayed: 9 });
  harness.do((session) => session.onTimer('refresh'));
  harness.do((session) => session.onToken('T2')).ok('refresh', { token_expires_in_ms: 100_000 });
  assert.equal(harness.sent().at(-1)!.token, 'T2');
  assert.equal(harness.armed.get('refresh'), harness.nowMs + 90_000);
});
