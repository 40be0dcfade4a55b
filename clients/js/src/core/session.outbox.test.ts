import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PipitError } from '../errors.js';
import { Harness } from './session.harness.js';

const NOT_OPEN = 'INVALID_REQUEST Realtime connection is not open. Try reconnecting with connectRealtime().';
const FULL = /^\w+: INVALID_REQUEST No more than \d+ posts of \d+ bytes together may wait to be sent\.$/;

const post = (data: unknown, to: unknown = 'tea', notification?: object) => (harness: Harness) =>
  harness.do((session) => session.post(data, to, notification, String(data)));
const posts = (harness: Harness, count: number, from = 0) => {
  for (let i = from; i < from + count; i += 1) post(i)(harness);
};
const sentData = (harness: Harness) => harness.sent().flatMap(({ op, data }) => (op === 'post' ? [data] : []));
const back = (harness: Harness) => harness.lose().ring('retry').signIn().rejoin('tea');

/** Answers every post that was sent since the last look. */
function answerAll(harness: Harness): unknown[] {
  const sent = harness.sent().filter(({ op }) => op === 'post');
  harness.take();
  if (sent.length > 0) harness.receive(...sent.map(({ id }) => ({ id, ok: {} })));
  return sent.map(({ data }) => data);
}

test('posts made while the connection is down are sent in order once the group is joined again, before newer ones', () => {
  const harness = new Harness().openIn('tea');
  post('asked')(harness);
  harness.take();
  harness.lose();
  post('waiting')(harness);
  harness.ring('retry');
  post('opening')(harness);
  harness.signIn();
  post('joining')(harness);
  assert.deepEqual(sentData(harness), []);
  harness.rejoin('tea');
  post('new')(harness);
  assert.deepEqual(harness.settled(), []);
  assert.deepEqual(answerAll(harness), ['asked', 'waiting', 'opening', 'joining', 'new']);
  assert.deepEqual(harness.settled(), ['asked', 'waiting', 'opening', 'joining', 'new'].map((data) => `${data}: Message sent.`));
});

test('joins and posts keep their order while the connection is down', () => {
  const harness = new Harness().openIn('tea').lose();
  post('to tea')(harness);
  harness.do((session) => session.join({ group: 'den' }, 'moving'));
  post('to den', 'den')(harness);
  harness.do((session) => session.join(null, 'leaving'));
  harness.ring('retry').signIn();
  harness.take();
  harness.rejoin('tea');
  assert.deepEqual(harness.sent().map(({ op, data, group }) => data ?? group ?? op), ['to tea', 'den', 'to den', 'leave']);
});

test('as many posts wait as the options allow, and one more is refused, without a change of those that wait', () => {
  const harness = new Harness({ token: 'T1', outbox: { posts_max: 2, bytes_max: 10_000 } }).openIn('tea').lose();
  posts(harness, 3);
  assert.equal(harness.settled().length, 1);
  assert.match(harness.settled()[0]!, FULL);
  const [refusal] = harness.take().flatMap((effect) => (effect.do === 'reject' ? [effect.error] : []));
  assert.deepEqual([refusal!.reason, refusal!.retry], ['outbox_full', true]);
  back(harness);
  assert.deepEqual(answerAll(harness), [0, 1]);
});

test('as many bytes wait as the options allow', () => {
  const harness = new Harness({ token: 'T1', outbox: { posts_max: 10, bytes_max: 1_000 } }).openIn('tea').lose();
  post('x'.repeat(700))(harness);
  post('y'.repeat(400))(harness);
  post('z')(harness);
  assert.match(harness.settled().join(), /^y+: INVALID_REQUEST No more than 10 posts of 1000 bytes/);
});

test('an outbox for nothing hinders nothing that can be sent', () => {
  const harness = new Harness({ token: 'T1', outbox: { posts_max: 0, bytes_max: 0 } }).openIn('tea');
  post('now')(harness);
  assert.deepEqual(answerAll(harness), ['now']);
  harness.lose();
  harness.take();
  post('later')(harness);
  assert.match(harness.settled()[0]!, FULL);
});

test('posts that were under way wait beyond all bounds', () => {
  const harness = new Harness({ token: 'T1', outbox: { posts_max: 1, bytes_max: 10_000 } }).openIn('tea');
  posts(harness, 5);
  harness.take();
  back(harness);
  assert.deepEqual(answerAll(harness), [0, 1, 2, 3, 4]);
});

test('a terminal close, and closing, refuse all that wait', () => {
  for (const end of [(h: Harness) => h.ring('retry').lose(4500), (h: Harness) => h.do((session) => session.close())]) {
    const harness = new Harness().openIn('tea').lose();
    posts(harness, 2);
    end(harness);
    assert.deepEqual(harness.settled(), [`0: ${NOT_OPEN}`, `1: ${NOT_OPEN}`]);
    harness.take();
    harness.do((session) => session.connect('again')).signIn();
    assert.deepEqual(sentData(harness), []);
  }
});

test('before the first connection, and after closing, posts are refused at once', () => {
  const harness = new Harness();
  post(1)(harness);
  harness.open().do((session) => session.close());
  post(2)(harness);
  const none = 'INVALID_REQUEST No realtime connection. Execute connectRealtime() before this method.';
  assert.deepEqual(harness.settled().filter((text) => /^\d/.test(text)), [`2: ${none}`]);
});

test('no more is sent at once than the server takes, and the rest as fast as it takes it', () => {
  const harness = new Harness().openIn('tea').lose();
  posts(harness, 250);
  harness.ring('retry').signIn();
  harness.take();
  harness.rejoin('tea');
  // The server has a burst of 200, and 100 a second. Half of the burst goes at once; more is not certain to be taken.
  const sent = answerAll(harness);
  assert.equal(sent.length, 100);
  const begunMs = harness.nowMs;
  while (sent.length < 250) {
    harness.ring('pace');
    sent.push(...answerAll(harness));
    assert.ok(sent.length <= 101 + (harness.nowMs - begunMs) / 10, `${sent.length} after ${harness.nowMs - begunMs} ms`);
  }
  assert.deepEqual(sent, Array.from({ length: 250 }, (_, i) => i));
  assert.ok(harness.nowMs - begunMs <= 1_600, `${harness.nowMs - begunMs}`);
  assert.equal(harness.armed.has('pace'), false);
});

test('new posts wait behind those that wait', () => {
  const harness = new Harness().openIn('tea').lose();
  posts(harness, 150);
  back(harness);
  post('new')(harness);
  let sent: unknown[] = [];
  for (sent = answerAll(harness); sent.length < 151; sent.push(...answerAll(harness))) harness.ring('pace');
  assert.deepEqual(sent.slice(-2), [149, 'new']);
});

test('questions do not wait behind posts', () => {
  const harness = new Harness().openIn('tea').lose();
  posts(harness, 250);
  back(harness).do((session) => session.ask('groups', {}, 'asking'));
  assert.equal(harness.sent().at(-1)!.op, 'groups');
});

test('a post that is refused for the rate all the same waits as long as told, alone, and keeps its place', () => {
  const harness = new Harness().openIn('tea').lose();
  posts(harness, 3);
  back(harness);
  const [first, second, third] = harness.sent().filter(({ op }) => op === 'post');
  harness.take();
  const error = { code: 'ERROR', reason: 'rate_limited', message: 'No.', retry: true, retry_after_ms: 40 };
  harness.receive(...[first, second, third].map((sent) => ({ id: sent!.id, error })));
  assert.deepEqual(sentData(harness), []);
  assert.equal(harness.armed.get('pace'), harness.nowMs + 40);
  for (const data of [0, 1, 2]) {
    if (data === 0) harness.ring('pace');
    assert.deepEqual(answerAll(harness), [data]);
  }
  assert.deepEqual(harness.settled(), ['2: Message sent.']);
});

test('a post that the server never takes is refused in the end, and holds up nothing after that', () => {
  const harness = new Harness().openIn('tea');
  post('never')(harness);
  for (let tries = 0; tries < 10; tries += 1) harness.error('post', 'rate_limited', true).ring('pace');
  post('next')(harness);
  harness.take();
  harness.error('post', 'rate_limited', true);
  assert.deepEqual(harness.settled(), ['never: ERROR No: rate_limited.']);
  assert.deepEqual(sentData(harness), ['next']);
});

test('a post with a notification whose answer was lost is sent alone, and once more while that is being written down', () => {
  const harness = new Harness().openIn('tea');
  post('pushing', 'tea', { title: 't', body: 'b' })(harness);
  harness.lose();
  post('next')(harness);
  harness.ring('retry').signIn();
  harness.take();
  harness.rejoin('tea');
  assert.deepEqual(sentData(harness), ['pushing']);
  harness.take();
  harness.error('post', 'unavailable', true).ring('pace');
  assert.deepEqual(answerAll(harness), ['pushing']);
  assert.deepEqual(answerAll(harness), ['next']);
});

test('a post that is refused as unavailable is refused, else', () => {
  const harness = new Harness().openIn('tea');
  post('x')(harness);
  harness.error('post', 'unavailable', true);
  assert.deepEqual(harness.settled(), ['x: ERROR No: unavailable.']);
});

test('posts to a group that may not be joined again are refused, others are not', () => {
  const harness = new Harness().openIn('tea').lose();
  post('text')(harness);
  post('object', { group: 'tea' })(harness);
  post('private', { user: 'bob' })(harness);
  harness.do((session) => session.join({ group: 'tea' }, 'joining'));
  post('later')(harness);
  harness.ring('retry').signIn();
  harness.take();
  harness.error('join', 'group_not_allowed', false);
  const refusal = "INVALID_REQUEST User has not joined to the recipient group. Run joinRealtime('...')";
  assert.deepEqual(harness.settled(), [`text: ${refusal}`, `object: ${refusal}`]);
  assert.deepEqual(harness.sent().map(({ op, data }) => data ?? op), ['private', 'join', 'later']);
});

const UNKNOWN = 'ERROR It is not known whether the message was sent.';

/** One post whose answer was lost, sent again. */
function sentTwice(): Harness {
  const harness = new Harness().openIn('tea');
  post('x')(harness);
  back(harness);
  harness.take();
  return harness;
}

test('a post that may have taken effect is sent again when the server cannot take it at the moment', () => {
  for (const reason of ['unavailable', 'history_full', 'history_unavailable']) {
    const harness = sentTwice().error('post', reason, true);
    assert.deepEqual(harness.settled(), []);
    harness.ring('pace').ok('post');
    assert.deepEqual(harness.settled(), ['x: Message sent.']);
  }
});

test('when it is given up, or refused, nobody is told that it has not taken effect', () => {
  const harness = sentTwice();
  for (let tries = 0; tries < 10; tries += 1) harness.error('post', 'history_full', true).ring('pace');
  assert.deepEqual(harness.settled(), []);
  harness.error('post', 'history_full', true);
  assert.deepEqual(harness.settled(), [`x: ${UNKNOWN}`]);
  const [{ reason, retry, cause }] = harness.take().flatMap((effect) => (effect.do === 'reject' ? [effect.error] : [])) as [PipitError];
  assert.deepEqual([reason, retry, (cause as PipitError).reason], ['outcome_unknown', false, 'history_full']);
  assert.deepEqual(sentTwice().error('post', 'not_joined', false).settled(), [`x: ${UNKNOWN}`]);
  assert.deepEqual(sentTwice().error('post', 'notification_not_kept', false).settled(), ['x: ERROR No: notification_not_kept.']);
});

test('a post that was refused before, and has not taken effect, is refused as it is', () => {
  const harness = new Harness().openIn('tea');
  post('x')(harness);
  harness.error('post', 'rate_limited', true).ring('pace').error('post', 'history_full', true);
  assert.deepEqual(harness.settled(), ['x: ERROR No: history_full.']);
});

test('posts of a lost group that may have taken effect are not called refused', () => {
  const harness = new Harness().openIn('tea');
  post('asked')(harness);
  harness.lose();
  post('kept')(harness);
  harness.ring('retry').signIn().error('join', 'group_not_allowed', false);
  assert.deepEqual(harness.settled(), [`asked: ${UNKNOWN}`, "kept: INVALID_REQUEST User has not joined to the recipient group. Run joinRealtime('...')"]);
});

test('what was sent longer ago than the server remembers is not sent again', () => {
  const harness = new Harness().openIn('tea');
  post('old')(harness);
  harness.nowMs += 200_000;
  post('new')(harness);
  harness.lose();
  post('unsent')(harness);
  harness.nowMs += 70_001;
  harness.ring('retry').signIn();
  harness.take();
  harness.rejoin('tea');
  assert.deepEqual(sentData(harness), ['new', 'unsent']);
  assert.deepEqual(harness.settled(), [`old: ${UNKNOWN}`]);
});
