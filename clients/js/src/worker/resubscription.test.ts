import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeRegistration, FakeSaved, FakeSubscription } from '../testing/push.js';
import { Resubscription, SYNC_TAG } from './resubscription.js';
import type { WorkerScope } from './scope.js';

const SCOPE = 'https://app.example.org/';
const URL_OF_SERVER = 'https://rt.example.org/v1/push/resubscribe';
const OLD = { resubscribe_url: URL_OF_SERVER, endpoint: 'https://push.example.net/old', auth: 'a of old', vapid: 'BPv_', user: 'ann' };
const NEW = 'https://push.example.net/1';

/** @param answers of the server, in turn, the last for ever: a status, a response or an error */
function setUp(answers: (number | Response | Error)[], { hasSync = true } = {}) {
  const registration = Object.assign(new FakeRegistration(SCOPE), { synced: [] as string[] });
  const sync = { register: async (tag: string) => void registration.synced.push(tag) };
  const saved = new FakeSaved([[SCOPE, OLD]]);
  const posted: { url: string; init: RequestInit }[] = [];
  const waits: number[] = [];
  const worker = { registration: hasSync ? Object.assign(registration, { sync }) : registration } as unknown as WorkerScope;
  const resubscription = new Resubscription(worker, {
    saved,
    fetch: async (url, init) => {
      posted.push({ url: String(url), init: init! });
      const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
      if (answer instanceof Error) throw answer;
      return typeof answer === 'number' ? new Response('{}', { status: answer }) : answer;
    },
    wait: async (ms) => void waits.push(ms),
  });
  const bodies = () => posted.map(({ init }) => JSON.parse(String(init.body)));
  return { registration, saved, posted, bodies, waits, run: (given?: FakeSubscription) => resubscription.run(given as never) };
}

const body = (endpoint: string, vapid: string) => ({
  old: { endpoint: OLD.endpoint, auth: OLD.auth },
  endpoint,
  keys: { p256dh: `p of ${endpoint}`, auth: `a of ${endpoint}` },
  vapid,
});

test('where the browser has ended a subscription another is made with the same key, the server told, and that kept', async () => {
  const { run, posted, bodies, saved, registration } = setUp([200]);
  await run();
  assert.deepEqual(bodies(), [body(NEW, 'BPv_')]);
  const [{ url, init }] = posted as [(typeof posted)[0]];
  assert.deepEqual([url, init.method, init.headers], [URL_OF_SERVER, 'POST', { 'content-type': 'application/json' }]);
  assert.deepEqual(saved.get(SCOPE), { ...OLD, endpoint: NEW, auth: `a of ${NEW}` });
  assert.deepEqual(registration.synced, []);
});

test('what the browser has made already is taken, with the key that it was made with', async () => {
  const { run, bodies, registration } = setUp([200]);
  await run(new FakeSubscription(registration.pushManager, 'https://push.example.net/given', 'BPw_'));
  assert.deepEqual(bodies(), [body('https://push.example.net/given', 'BPw_')]);
  assert.equal(registration.pushManager.made, 0);
});

test('one that the browser has made and not told of is found', async () => {
  const { run, bodies, registration } = setUp([200]);
  registration.pushManager.current = new FakeSubscription(registration.pushManager, 'https://push.example.net/found', 'BPv_');
  await run();
  assert.deepEqual(bodies(), [body('https://push.example.net/found', 'BPv_')]);
});

test('where the subscription is the one that is known nothing is told', async () => {
  const { run, posted, registration } = setUp([200]);
  registration.pushManager.current = new FakeSubscription(registration.pushManager, OLD.endpoint, 'BPv_');
  await run();
  assert.deepEqual(posted, []);
});

test('a worker for which nothing was kept does nothing', async () => {
  const { run, posted, saved, registration } = setUp([200]);
  saved.clear();
  await run();
  assert.deepEqual([posted.length, registration.pushManager.made], [0, 0]);
});

test('a server that cannot do it is asked again a few times, later each time and as it says', async () => {
  const busy = new Response('{}', { status: 429, headers: { 'retry-after': '3' } });
  const { run, posted, waits, saved } = setUp([new TypeError('offline'), busy, 503, 200]);
  await run();
  assert.deepEqual([posted.length, waits], [4, [1_000, 4_000, 12_000]]);
  assert.equal(saved.get(SCOPE)?.endpoint, NEW);
});

test('the wait that a server asks for is kept up to what a worker has', async () => {
  const busy = (seconds: number) => new Response('{}', { status: 503, headers: { 'retry-after': String(seconds) } });
  const { run, waits } = setUp([busy(7), busy(3_600), 200]);
  await run();
  assert.deepEqual(waits, [7_000, 15_000]);
});

test('a server that stays away is told when the network is back, where the browser can do that', async () => {
  for (const hasSync of [true, false]) {
    const { run, registration, saved, posted } = setUp([new TypeError('offline')], { hasSync });
    await run();
    assert.equal(posted.length, 4);
    assert.deepEqual(registration.synced, hasSync ? [SYNC_TAG] : []);
    assert.deepEqual(saved.get(SCOPE), OLD);
  }
});

test('then it is told of the subscription that was made before', async () => {
  const { run, registration, bodies, saved } = setUp([503, 503, 503, 503, 200]);
  await run();
  await run();
  assert.equal(registration.pushManager.made, 1);
  assert.deepEqual(bodies().at(-1), body(NEW, 'BPv_'));
  assert.equal(saved.get(SCOPE)?.endpoint, NEW);
});

test('a server that knows nothing of the one before is not asked again', async () => {
  const { run, posted, registration, saved } = setUp([404]);
  await run();
  assert.deepEqual([posted.length, registration.synced, saved.get(SCOPE)], [1, [], OLD]);
});

test('a push service that cannot be reached is tried again when the network is back', async () => {
  const { run, registration, posted } = setUp([200]);
  registration.pushManager.refusal = new Error('offline');
  await run();
  assert.deepEqual([posted.length, registration.synced], [0, [SYNC_TAG]]);
});
