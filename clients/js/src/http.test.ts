import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Token } from './core/token.js';
import { PipitError } from './errors.js';
import { HttpQuestions } from './http.js';
import { httpToken } from './http_token.js';
import { FakeHttp, ManualClock, settled } from './testing/fakes.js';

const GROUPS = { path: 'groups' };
const EXPIRED = { code: 'INVALID_REQUEST', reason: 'token_expired', message: 'The token has expired.', retry: true };

function setUp({ token = 'T1', getToken }: { token?: string | null; getToken?: () => Promise<string> | string } = {}) {
  const http = new FakeHttp();
  const clock = new ManualClock();
  const held = new Token(token ?? undefined, getToken !== undefined);
  const questions = new HttpQuestions({
    ...httpToken(held, getToken, () => clock.nowMs, clock.schedule),
    socketUrl: 'wss://example.org/v1/realtime',
    fetch: http.fetch,
  });
  return { http, clock, questions, token: held };
}

const refusal = (expected: Partial<PipitError>) => (error: unknown) => {
  assert.ok(error instanceof PipitError);
  const { code, message, reason, retry } = error;
  assert.deepEqual(Object.fromEntries(Object.entries({ code, message, reason, retry }).filter(([key]) => key in expected)), expected);
  return true;
};

test('a refusal of the server is the caller\'s', async () => {
  for (const [status, code, reason] of [
    [400, 'INVALID_PARAMETER', 'invalid_parameter'],
    [401, 'INVALID_REQUEST', 'token_refused'],
    [403, 'INVALID_REQUEST', 'not_permitted'],
    [503, 'ERROR', 'unavailable'],
  ] as const) {
    const { questions, http, clock } = setUp();
    const asking = questions.ask(GROUPS);
    const rejected = assert.rejects(asking, refusal({ code, reason, message: 'No.', retry: status === 503 }));
    await http.answer(status, { code, reason, message: 'No.', retry: status === 503 });
    await rejected;
    assert.equal(clock.timersArmed, 0);
  }
});

for (const body of ['', '<html>', 'null', '5', '{}', { code: 5, message: 'No.' }, { error: { code: 'ERROR', message: 'No.' } }]) {
  test(`an error that is not the server's says its status: ${JSON.stringify(body)}`, async () => {
    const { questions, http } = setUp();
    const rejected = assert.rejects(questions.ask(GROUPS), (error: PipitError) => {
      assert.match(error.message, /HTTP status 502 /);
      return refusal({ code: 'ERROR', reason: 'bad_answer' })(error);
    });
    await http.answer(502, body);
    await rejected;
  });
}

test('a good answer is given on, whatever it is, and one that is no JSON as undefined', async () => {
  for (const [body, answer] of [[{ list: [], startKey: 'end' }, { list: [], startKey: 'end' }], ['<html>', undefined]] as const) {
    const { questions, http } = setUp();
    const asking = questions.ask(GROUPS);
    await http.answer(200, body);
    assert.deepEqual(await asking, answer);
  }
});

test('a server that is not there is an error with its cause', async () => {
  const { questions, http, clock } = setUp();
  http.fail(new Error('no network'));
  await assert.rejects(questions.ask(GROUPS), (error: PipitError) => {
    assert.match(String(error.cause), /no network/);
    return refusal({ code: 'ERROR', reason: 'unreachable', retry: true })(error);
  });
  assert.equal(clock.timersArmed, 0);
});

test('a question is ended after 30 s, and so is its request', async () => {
  const { questions, http, clock } = setUp();
  const rejected = assert.rejects(questions.ask(GROUPS), refusal({ code: 'ERROR', reason: 'timeout', retry: true }));
  await settled();
  await clock.pass(29_999);
  assert.equal(http.asked[0]!.signal.aborted, false);
  await clock.pass(1);
  await rejected;
  assert.equal(http.asked[0]!.signal.aborted, true);
});

test('a getToken that hangs is given up with the question', async () => {
  const { questions, clock, http } = setUp({ token: null, getToken: () => new Promise(() => {}) });
  const rejected = assert.rejects(questions.ask(GROUPS), refusal({ reason: 'timeout' }));
  await clock.pass(30_000);
  await rejected;
  assert.equal(http.asked.length, 0);
});

test('a getToken that fails, or gives no string, fails the question', async () => {
  for (const getToken of [() => Promise.reject(new Error('offline')), () => undefined as never]) {
    const { questions } = setUp({ token: null, getToken });
    await assert.rejects(questions.ask(GROUPS), refusal({ code: 'ERROR', reason: 'token_unavailable', retry: true }));
  }
});

test('without a token and getToken it says what is missing', async () => {
  const { questions } = setUp({ token: null });
  await assert.rejects(questions.ask(GROUPS), refusal({ code: 'INVALID_REQUEST', reason: 'token_expired', retry: false }));
});

test('an expired token is replaced once', async () => {
  let tokens = 1;
  const { questions, http } = setUp({ getToken: () => `T${++tokens}` });
  const asking = questions.ask(GROUPS);
  await http.answer(401, EXPIRED);
  await http.answer(200, { list: [] });
  assert.deepEqual(await asking, { list: [] });
  assert.deepEqual(http.asked.map(({ token }) => token), ['T1', 'T2']);
  const rejected = assert.rejects(questions.ask(GROUPS), refusal({ reason: 'token_expired' }));
  await http.answer(401, EXPIRED);
  await http.answer(401, EXPIRED);
  await rejected;
  assert.deepEqual(http.asked.slice(2).map(({ token }) => token), ['T2', 'T3']);
});

test('an expired token stays so without getToken', async () => {
  const { questions, http, token } = setUp();
  const rejected = assert.rejects(questions.ask(GROUPS), refusal({ reason: 'token_expired' }));
  await http.answer(401, EXPIRED);
  await rejected;
  assert.equal(http.asked.length, 1);
  assert.equal(token.text, 'T1');
});

test('questions at the same time share one getToken, and its token is kept', async () => {
  let tokens = 0;
  const { questions, http, token } = setUp({ token: null, getToken: async () => `T${++tokens}` });
  const asking = Promise.all([questions.ask(GROUPS), questions.ask({ path: 'users?group=tea' })]);
  await settled();
  for (const { answer } of http.asked) answer(200, {});
  await asking;
  assert.deepEqual(http.asked.map((request) => request.token), ['T1', 'T1']);
  assert.equal(token.text, 'T1');
});

test('a request goes to beside the endpoint, with the token in its header', async () => {
  const { questions, http } = setUp();
  const asking = questions.ask({ path: 'groups?limit=2' });
  await http.answer(200, {});
  await asking;
  const [{ url, token, method, body }] = http.asked as [(typeof http.asked)[0]];
  assert.deepEqual([url, token, method, body], ['https://example.org/v1/groups?limit=2', 'T1', 'GET', undefined]);
});

test('one with a body is posted as JSON, and again with another token when the first has expired', async () => {
  const { questions, http } = setUp({ getToken: () => 'T2' });
  const asking = questions.ask({ path: 'push/subscribe', body: '{"endpoint":"é"}' });
  await http.answer(401, EXPIRED);
  await http.answer(200, { message: 'Done.' });
  assert.deepEqual(await asking, { message: 'Done.' });
  assert.deepEqual(
    http.asked.map(({ url, token, method, type, body }) => [url, token, method, type, body]),
    ['T1', 'T2'].map((token) => ['https://example.org/v1/push/subscribe', token, 'POST', 'application/json', '{"endpoint":"é"}']),
  );
});
