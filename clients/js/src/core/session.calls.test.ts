import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CID, Harness } from './session.harness.js';

const NEVER = 'INVALID_REQUEST No realtime connection. Execute connectRealtime() before this method.';

test('calls without a connection are refused, whatever their arguments', () => {
  const harness = new Harness();
  harness.do((session) => session.post(undefined, 5, 5, 'posting')).do((session) => session.join(5, 'joining'));
  assert.deepEqual(harness.settled(), [`posting: ${NEVER}`, `joining: ${NEVER}`]);
});

test('after closing calls are refused as never connected', () => {
  const harness = new Harness().open().do((session) => session.close());
  harness.take();
  harness.do((session) => session.post(1, 'tea', null, 'posting'));
  assert.deepEqual(harness.settled(), [`posting: ${NEVER}`]);
});

test('wrong arguments are refused before anything is sent', () => {
  const harness = new Harness().open();
  harness.do((session) => session.post(undefined, 'tea', null, 'a')).do((session) => session.post(1, {}, null, 'b'));
  harness.do((session) => session.post(1, 'tea', { title: 'x' }, 'c')).do((session) => session.join({ group: 5 }, 'd'));
  assert.equal(harness.settled().length, 4);
  for (const settled of harness.settled()) assert.match(settled, /^[abcd]: INVALID_PARAMETER "/);
  assert.deepEqual(harness.sent(), []);
});

test('the limits that the server told are in force', () => {
  const harness = new Harness().open().do((session) => session.join({ group: 'g'.repeat(21) }, 'joining'));
  harness.do((session) => session.post('x'.repeat(1_000), 'tea', null, 'posting'));
  assert.match(harness.settled().join('\n'), /joining: .* at most 20 .*\nposting: .* at most 1000 /);
});

test('a call that was refused for its arguments is not sent after a reconnect either', () => {
  const harness = new Harness().open().do((session) => session.post('x'.repeat(1_000), 'tea', null, 'posting'));
  harness.lose().ring('retry').signIn();
  assert.equal(harness.sent().some(({ op }) => op === 'post'), false);
});

test('no more than 10,000 calls wait for their answer', () => {
  const harness = new Harness().open();
  for (let i = 0; i < 10_001; i += 1) harness.do((session) => session.ask('groups', {}, String(i)));
  assert.deepEqual(harness.settled(), ['10000: ERROR More than 10000 calls are waiting for their answer. Try again later.']);
});

test('an error reply refuses the call with what the server said', () => {
  const harness = new Harness().open().do((session) => session.post(1, 'tea', null, 'posting'));
  const message = "User has not joined to the recipient group. Run joinRealtime('...')";
  harness.receive({ id: harness.sent()[0]!.id, error: { code: 'INVALID_REQUEST', reason: 'not_joined', message, retry: false } });
  assert.deepEqual(harness.settled(), [`posting: INVALID_REQUEST ${message}`]);
});

test('replies find their calls in any order, and what nobody waits for is ignored', () => {
  const harness = new Harness().open().do((session) => session.post(1, 'a', null, 'one')).do((session) => session.post(2, 'a', null, 'two'));
  const [one, two] = harness.sent();
  harness.receive({ id: two!.id, ok: {} }, { id: 999, ok: {} }, { id: one!.id, ok: {} }, { id: one!.id, ok: {} });
  assert.deepEqual(harness.settled(), ['two: Message sent.', 'one: Message sent.']);
});

test('a group is joined and left with the text of the server', () => {
  const harness = new Harness().open().do((session) => session.join({ group: 'tea' }, 'joining'));
  harness.ok('join', { group: 'tea', message: 'Joined realtime message group: "tea".' });
  harness.do((session) => session.join({ group: '' }, 'leaving')).ok('leave', { group: null, message: 'Left realtime message group.' });
  assert.deepEqual(harness.settled(), ['joining: Joined realtime message group: "tea".', 'leaving: Left realtime message group.']);
  harness.take();
  harness.lose().ring('retry').signIn();
  assert.deepEqual(harness.sent().map(({ op }) => op), ['connect']);
});

test('a notification goes with its post, whatever it has, and a null is none', () => {
  const notification = { title: 'a', body: 'é', url: '/tea', data: [1], mine: null, config: { always: true, ttl: 0 } };
  const harness = new Harness().open().do((session) => session.post(1, 'ann', notification, 'posting'));
  harness.do((session) => session.post(2, 'ann', null, 'posting'));
  const posts = harness.sent();
  assert.deepEqual(posts.map((post) => post.notification), [notification, undefined]);
  assert.deepEqual(posts.map((post) => Object.keys(post).join()), ['id,op,to,data,notification,key', 'id,op,to,data,key']);
});

test('a post with a notification that is too long is refused, and nothing sent', () => {
  const harness = new Harness().open().do((session) => session.post(1, 'ann', { title: 'x'.repeat(3_072), body: 'y' }, 'posting'));
  assert.match(harness.settled().join(), /^posting: INVALID_PARAMETER "notification": title and body have 3073 bytes;/);
  assert.deepEqual(harness.sent(), []);
});

test('a notification that was not written down is an error with the reason of the server', () => {
  const harness = new Harness().open().do((session) => session.post(1, 'ann', { title: 'a', body: 'b' }, 'posting'));
  harness.error('post', 'notification_not_kept', false);
  assert.deepEqual(harness.settled(), ['posting: ERROR No: notification_not_kept.']);
});

test('events of other users are told with all their members', () => {
  const harness = new Harness().openIn('tea');
  const cid = 'cid:BBBBBBBBBBBBBBBB';
  harness.receive(
    { ev: 'message', group: 'tea', offset: 1, user: 'bob', cid, data: null },
    { ev: 'private', user: 'bob', cid, data: [0] },
    { ev: 'private', offset: 7, user: 'bob', cid, data: 'hi' },
    { ev: 'notice', group: 'tea', offset: 2, code: 'USER_LEFT', user: 'bob', cid, message: 'User "bob" has left the message group.' },
  );
  const sender = { sender: 'bob', sender_cid: cid };
  assert.deepEqual(harness.told(), [
    { type: 'message', message: null, ...sender, sender_rid: 'tea', offset: 1, code: null },
    { type: 'private', message: [0], ...sender, sender_rid: null, offset: null, code: null },
    { type: 'private', message: 'hi', ...sender, sender_rid: null, offset: 7, code: null },
    { type: 'notice', message: 'User "bob" has left the message group.', ...sender, sender_rid: 'tea', offset: 2, code: 'USER_LEFT' },
  ]);
});

test('a heartbeat is answered with a heartbeat', () => {
  const harness = new Harness().open().receive({});
  assert.deepEqual(harness.sent(), [{}]);
});

test('what is unknown, or no JSON, is ignored', () => {
  const harness = new Harness().open().receive({ ev: 'weather' }, { hello: 1 }).do((session) => session.onText('no JSON'));
  assert.deepEqual(harness.take().map((effect) => effect.do), ['log']);
});

test('what stands behind a refused sign-in in one message is not read any more', () => {
  const harness = new Harness().do((session) => session.connect('ann')).do((session) => session.onOpened());
  const error = { code: 'ERROR', reason: 'unavailable', message: 'No.', retry: true };
  harness.receive({ id: 1, error }, {}, { ev: 'private', user: 'bob', cid: CID, data: 1 });
  assert.deepEqual(harness.told(), []);
  assert.deepEqual(harness.sent().map(({ op }) => op), ['connect']);
});
