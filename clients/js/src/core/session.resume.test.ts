import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CID, Harness } from './session.harness.js';
import type { Question } from '../lists/link.js';

const SAVED = 'cid:AAAAAAAAAAAAAAAA';
const OTHER = 'cid:BBBBBBBBBBBBBBBB';

const sessions = (harness: Harness) => harness.sent().flatMap(({ op, session }) => (op === 'connect' ? [session] : []));
const dropCodes = (harness: Harness) => harness.take().flatMap((effect) => (effect.do === 'drop_socket' ? [effect.code] : []));
const ask = (ticket: string, question: Question = {}) => (h: Harness) => h.do((session) => session.ask('groups', question, ticket));

test('a first connection goes on from nothing', () => {
  const harness = new Harness().do((session) => session.connect('ann')).do((session) => session.onOpened());
  assert.deepEqual(sessions(harness), [undefined]);
  assert.equal(harness.session.resumable, null);
});

test('a connection that comes back goes on as the one before it', () => {
  const harness = new Harness().open().lose().ring('retry').signIn();
  assert.deepEqual(sessions(harness), [CID]);
});

test('when the server has given another cid, that one is gone on with', () => {
  const harness = new Harness().open().lose().ring('retry').do((session) => session.onOpened());
  harness.ok('connect', { user: 'ann', cid: OTHER, resumed: false, ping_interval_ms: 1, pong_timeout_ms: 1 });
  assert.deepEqual(harness.session.user, { user_id: 'ann', cid: OTHER });
  harness.take();
  harness.lose().ring('retry').signIn();
  assert.deepEqual(sessions(harness), [OTHER]);
});

test('the cid outlives attempts that fail', () => {
  const harness = new Harness().open().lose().ring('retry').lose().ring('retry').signIn();
  assert.deepEqual(sessions(harness), [CID]);
});

test('the connection of the page before is gone on with, also when its token has to be replaced first', () => {
  const harness = new Harness({ token: 'T1', canFetchToken: true, savedCid: SAVED });
  harness.do((session) => session.connect('ann')).do((session) => session.onOpened()).error('connect', 'token_expired', true);
  harness.do((session) => session.onToken('T2')).signIn();
  assert.deepEqual(sessions(harness), [SAVED, SAVED]);
  harness.take();
  harness.lose().ring('retry').do((session) => session.onToken('T3')).do((session) => session.onOpened());
  assert.deepEqual(sessions(harness), [CID]);
});

test('a first connection that fails keeps the connection of the page before for the next call', () => {
  const harness = new Harness({ token: 'T1', savedCid: SAVED });
  harness.do((session) => session.connect('ann')).do((session) => session.onOpened()).lose();
  harness.do((session) => session.connect('ann')).do((session) => session.onOpened());
  assert.deepEqual(sessions(harness), [SAVED, SAVED]);
});

test('after closing nothing is gone on with', () => {
  const harness = new Harness().open().do((session) => session.close());
  assert.equal(harness.session.resumable, null);
  harness.take();
  harness.do((session) => session.connect('again')).do((session) => session.onOpened());
  assert.deepEqual(sessions(harness), [undefined]);
});

test('who is open or coming back can be gone on with', () => {
  const harness = new Harness().open();
  assert.deepEqual(harness.session.resumable, { user_id: 'ann', cid: CID });
  harness.lose();
  assert.deepEqual(harness.session.resumable, { user_id: 'ann', cid: CID });
  harness.ring('retry').lose(4500);
  assert.equal(harness.session.resumable, null);
});

test('a socket that is dropped to open another is closed as coming back', () => {
  const silent = new Harness().open();
  silent.take();
  assert.deepEqual(dropCodes(silent.ring('silence')), [4007]);
  const renewing = new Harness({ token: 'T1', canFetchToken: true }).do((session) => session.connect('ann'));
  renewing.do((session) => session.onOpened()).error('connect', 'token_expired', true);
  assert.deepEqual(dropCodes(renewing), [4007]);
});

test('a socket that is closed for good is closed as that', () => {
  assert.deepEqual(dropCodes(new Harness().open().do((session) => session.close())), [1000]);
  assert.deepEqual(dropCodes(new Harness().do((session) => session.connect('ann')).ring('attempt')), [1000]);
});

test('a session that goes on elsewhere does not come back here, and says so', () => {
  const harness = new Harness().open().lose(4503, 'The session goes on at another connection.');
  assert.deepEqual(harness.toldTexts(), [
    'error The session goes on at another connection.',
    'close WebSocket connection closed.',
  ]);
  assert.equal((harness.told()[0] as { reason?: string }).reason, 'taken_over');
  assert.equal(harness.armed.size, 0);
});

test('a question is answered with what the server said', () => {
  const harness = new Harness().open();
  ask('asking', { searchFor: 'group', limit: 2 })(harness);
  const [{ id, ...members }] = harness.sent() as [{ id: number }];
  assert.deepEqual(members, { op: 'groups', searchFor: 'group', limit: 2 });
  const ok = { list: [{ group: 'tea', number_of_users: 1 }], startKey: 'end' };
  harness.receive({ id, ok });
  assert.deepEqual(harness.take().at(-1), { do: 'resolve', ticket: 'asking', value: ok });
});

test('a question that is refused tells when it may be asked again', () => {
  const harness = new Harness().open();
  ask('asking')(harness);
  const error = { code: 'ERROR', reason: 'rate_limited', message: 'Too many.', retry: true, retry_after_ms: 40 };
  harness.receive({ id: harness.sent()[0]!.id, error });
  const [refusal] = harness.take().flatMap((effect) => (effect.do === 'reject' ? [effect.error] : []));
  assert.deepEqual({ ...refusal }, { name: 'PipitError', code: 'ERROR', reason: 'rate_limited', retry: true, retry_after_ms: 40 });
});

test('a question that would be too long for the server is not sent', () => {
  const harness = new Harness().open();
  ask('asking', { value: 'x'.repeat(1_000) })(harness);
  assert.match(harness.settled()[0]!, /^asking: INVALID_PARAMETER "params" is too long: .* at most 1000 /);
  assert.deepEqual(harness.sent(), []);
});

test('a question whose answer was lost is asked again, behind the group', () => {
  const harness = new Harness().openIn('tea');
  ask('asking')(harness);
  const [asked] = harness.sent();
  harness.take();
  harness.lose().ring('retry').signIn().ok('join', { group: 'tea', message: '' });
  assert.deepEqual(harness.sent().slice(1).map(({ op }) => op), ['join', 'groups']);
  assert.deepEqual(harness.sent().at(-1), asked);
});

test('a question is refused when the connection is closed before its answer', () => {
  const harness = new Harness().open();
  ask('asking')(harness);
  harness.do((session) => session.close());
  assert.deepEqual(harness.settled(), [
    'asking: INVALID_REQUEST Realtime connection is not open. Try reconnecting with connectRealtime().',
  ]);
});

test('the group that is joined is that of the last call, answered or not', () => {
  const harness = new Harness().openIn('tea');
  assert.equal(harness.session.groupJoined, 'tea');
  harness.do((session) => session.join({ group: 'den' }, 'a')).do((session) => session.post(1, 'den', null, 'b'));
  assert.equal(harness.session.groupJoined, 'den');
  harness.do((session) => session.join(null, 'c'));
  assert.equal(harness.session.groupJoined, null);
  harness.error('join', 'group_not_allowed', false).error('leave', 'rate_limited', true);
  assert.equal(harness.session.groupJoined, 'tea');
});
