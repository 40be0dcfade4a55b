// The server could not let this client into a group: its own again, or another.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Harness } from './session.harness.js';

const SUCCESS = 'success Connected to WebSocket server.';
const GAP = 'gap Messages to the group "tea" may have been missed.';
const NOT_JOINED = "INVALID_REQUEST User has not joined to the recipient group. Run joinRealtime('...')";
const OUT = { group: null };

const message = (offset: number, group = 'tea') => ({ ev: 'message', group, offset, user: 'bob', cid: 'cid:BBBBBBBBBBBBBBBB', data: `m${offset}` });
const sent = (harness: Harness) => harness.sent().map(({ op, group, data, since }) => [op, group ?? data, since]);
const post = (harness: Harness, data: string, to: unknown) => harness.do((session) => session.post(data, to, null, data));
const join = (harness: Harness, group: string | null) => harness.do((session) => session.join({ group }, `to ${group}`));

/** In "tea", at offset 2, and "den" was asked for. */
function moving(): Harness {
  const harness = new Harness().openIn('tea').receive(message(1), message(2));
  join(harness, 'den');
  harness.take();
  return harness;
}

/** In "tea", at offset 2, whose join is refused for the moment when the connection comes back. */
function refusedOnce(): Harness {
  const harness = new Harness().openIn('tea').receive(message(1), message(2)).lose().ring('retry').signIn();
  harness.take();
  return harness.error('join', 'history_unavailable', true, OUT);
}

test('a join that is refused and leaves no group leads back to the group before, and to what was missed there', () => {
  const harness = moving().error('join', 'history_unavailable', true, OUT);
  assert.deepEqual(harness.settled(), ['to den: ERROR No: history_unavailable.']);
  assert.deepEqual(sent(harness), [['join', 'tea', { epoch: 'e', offset: 2 }]]);
  harness.take();
  harness.rejoin('tea', { recovered: true, replayed: 1 }).receive(message(3), message(4));
  assert.deepEqual(harness.toldTexts(), ['message m3', 'message m4']);
  assert.equal(harness.session.groupJoined, 'tea');
  assert.deepEqual(sent(harness), []);
});

test('what was missed there is told as a gap when the server has it no more, and a long part is asked for page by page', () => {
  const harness = moving().error('join', 'history_unavailable', true, OUT);
  harness.take();
  harness.rejoin('tea', { recovered: true, replayed: 1, more: true }).receive(message(3));
  assert.deepEqual(sent(harness), [['join', 'tea', { epoch: 'e', offset: 3 }]]);
  harness.rejoin('tea', { offset: 9, recovered: false, reason: 'window', missed: 6 }).receive(message(10));
  assert.deepEqual(harness.toldTexts(), ['message m3', GAP, 'message m10']);
});

test('a join whose refusal has changed nothing leads nowhere', () => {
  const harness = moving().error('join', 'group_not_allowed', false).receive(message(3));
  assert.deepEqual(sent(harness), []);
  assert.deepEqual(harness.toldTexts(), ['message m3']);
});

test('a refused join leads back only when no other one is under way', () => {
  const harness = moving();
  const { id } = harness.do((session) => session.join({ group: 'attic' }, 'to attic')).sent()[0]!;
  harness.take();
  harness.receive({ id: id! - 1, error: { code: 'ERROR', reason: 'unavailable', message: 'No.', retry: true, group: null } });
  assert.deepEqual(sent(harness), []);
  harness.receive({ id, error: { code: 'ERROR', reason: 'unavailable', message: 'No.', retry: true, group: null } });
  assert.deepEqual(sent(harness), [['join', 'tea', { epoch: 'e', offset: 2 }]]);
});

test('of two joins the later one counts, in whatever order they are answered', () => {
  const harness = moving();
  const { id } = harness.do((session) => session.join({ group: 'attic' }, 'to attic')).sent()[0]!;
  harness.receive({ id, ok: { group: 'attic', message: '', epoch: 'a', offset: 5 } }, { id: id! - 1, ok: { group: 'den', message: '', epoch: 'd', offset: 7 } });
  assert.equal(harness.session.groupJoined, 'attic');
  harness.receive(message(6, 'attic'));
  assert.deepEqual(harness.toldTexts(), ['message m6']);
});

test('a post to the joined group is never taken for one to a user of that name', () => {
  const harness = new Harness().openIn('tea');
  post(harness, 'one', 'tea');
  post(harness, 'two', 'ann');
  assert.deepEqual(harness.sent().map(({ to }) => to), [{ group: 'tea' }, 'ann']);
});

test('a group that cannot be joined again just now holds up nothing but what is for it', () => {
  const harness = refusedOnce();
  assert.deepEqual(harness.told().map((told) => (told.type === 'success' ? told.recovered : told.type)), [false]);
  assert.ok(harness.session.user);
  post(harness, 'waits', 'tea');
  post(harness, 'goes', { user: 'bob' });
  assert.deepEqual(sent(harness), [['post', 'goes', undefined]]);
  harness.take();
  harness.ring('rejoin');
  assert.deepEqual(sent(harness), [['join', 'tea', { epoch: 'e', offset: 2 }]]);
  harness.take();
  harness.rejoin('tea', { recovered: true, replayed: 1 }).receive(message(3));
  assert.deepEqual(harness.toldTexts(), ['message m3']);
  assert.deepEqual(sent(harness), [['post', 'waits', undefined]]);
});

test('posts that wait for the group are bounded like all that wait', () => {
  const harness = new Harness({ token: 'T1', outbox: { posts_max: 1, bytes_max: 10_000 } }).openIn('tea').lose().ring('retry').signIn();
  harness.error('join', 'history_unavailable', true, OUT);
  post(harness, 'one', 'tea');
  harness.take();
  post(harness, 'two', 'tea');
  assert.match(harness.settled()[0]!, /^two: INVALID_REQUEST No more than 1 posts/);
  post(harness, 'three', 'bob');
  assert.deepEqual(sent(harness), [['post', 'three', undefined]]);
});

test('it is tried again with growing waits, or when the server has said, at last without what was missed, which is a gap', () => {
  const harness = refusedOnce();
  const waits = [harness.armed.get('rejoin')! - harness.nowMs];
  for (let refusals = 2; refusals <= 8; refusals += 1) {
    harness.ring('rejoin').error('join', 'history_unavailable', true, OUT);
    waits.push(harness.armed.get('rejoin')! - harness.nowMs);
  }
  assert.deepEqual(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  harness.take();
  harness.ring('rejoin');
  assert.deepEqual(sent(harness), [['join', 'tea', undefined]]);
  harness.ok('join', { group: 'tea', message: '', epoch: 'e', offset: 9 }).receive(message(10));
  assert.deepEqual(harness.toldTexts(), [GAP, 'message m10']);
  const later = refusedOnce().ring('rejoin').error('join', 'rate_limited', true, { retry_after_ms: 3_000 });
  assert.equal(later.armed.get('rejoin'), later.nowMs + 3_000);
});

test('at last the group is given up, with an error, a gap, and the posts that wait for it', () => {
  const harness = refusedOnce();
  post(harness, 'waits', 'tea');
  harness.take();
  for (let refusals = 2; refusals <= 9; refusals += 1) harness.ring('rejoin').error('join', 'history_unavailable', true, OUT);
  assert.deepEqual(harness.toldTexts(), ['error No: history_unavailable.', GAP]);
  assert.deepEqual(harness.settled(), [`waits: ${NOT_JOINED}`]);
  assert.equal(harness.session.groupJoined, null);
  assert.equal(harness.armed.has('rejoin'), false);
});

test('another join, or leaving, ends the trying and the posts that wait', () => {
  for (const group of ['den', null]) {
    const harness = refusedOnce();
    post(harness, 'waits', 'tea');
    join(harness, group);
    harness.ok(group === null ? 'leave' : 'join', { group, message: 'Done.', epoch: 'd', offset: 0 });
    assert.deepEqual(harness.settled(), [`waits: ${NOT_JOINED}`, `to ${group}: Done.`]);
    assert.equal(harness.session.groupJoined, group);
    assert.equal(harness.armed.has('rejoin'), false);
  }
});

test('while a caller\'s join is under way it is not tried again', () => {
  const harness = refusedOnce();
  join(harness, 'den');
  harness.take();
  harness.ring('rejoin');
  assert.deepEqual(sent(harness), []);
  harness.error('join', 'group_not_allowed', false);
  assert.deepEqual(sent(harness), [['join', 'tea', { epoch: 'e', offset: 2 }]]);
});

test('a caller who joins the group itself meanwhile is told that something may be missed', () => {
  const harness = refusedOnce();
  harness.take();
  join(harness, 'tea');
  harness.ok('join', { group: 'tea', message: '', epoch: 'e', offset: 8 }).receive(message(9));
  assert.deepEqual(harness.toldTexts(), [GAP, 'message m9']);
});

test('a new connection begins the trying anew', () => {
  const harness = refusedOnce().lose();
  assert.equal(harness.armed.has('rejoin'), false);
  harness.ring('retry').signIn();
  harness.take();
  harness.rejoin('tea', { recovered: true, replayed: 1 }).receive(message(3));
  assert.deepEqual(harness.toldTexts(), ['message m3', SUCCESS]);
});
