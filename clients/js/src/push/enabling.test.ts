import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipitError, questionFailed } from '../errors.js';
import { settled } from '../testing/fakes.js';
import { FakeSaved, FakeWorker, FakeWorkers } from '../testing/push.js';
import type { Browser } from './browser.js';
import { Enabling } from './enabling.js';

const [KEY, NEXT_KEY] = ['BPv_', 'BPw_'];
const ROOT = 'https://app.example.org/';
const [FIRST, SECOND] = ['https://push.example.net/1', 'https://push.example.net/2'];

/** A page of https://app.example.org, whose server notes what it is told. */
function setUp(given: Partial<Browser> = {}) {
  const workers = new FakeWorkers();
  const saved = new FakeSaved();
  const told: string[] = [];
  const logged: string[] = [];
  const timers: (() => void)[] = [];
  const server = {
    key: KEY,
    refusal: undefined as Error | undefined,
    knows: true,
    user: 'ann' as string | undefined,
    vapidPublicKey: async () => server.key,
    subscribe: async ({ endpoint, vapid }: Record<string, unknown>) => server.tell(`subscribe ${endpoint} ${vapid}`),
    unsubscribe: async (endpoint: string) => server.tell(`unsubscribe ${endpoint}`),
    resubscribe: async ({ endpoint, vapid, old }: Record<string, unknown>) => {
      if (!server.knows) throw new PipitError('NOT_EXISTS', 'No.', { reason: 'subscription_not_found', retry: false });
      server.tell(`resubscribe ${endpoint} ${vapid} ${Object.values(old as object)}`);
    },
    tell: (text: string) => {
      if (server.refusal) throw server.refusal;
      told.push(text);
    },
  };
  const browser: Browser = {
    isSecure: true,
    isApple: false,
    workers: workers as unknown as NonNullable<Browser['workers']>,
    permission: () => 'granted',
    href: `${ROOT}rooms/tea?x=1`,
    saved,
    ...given,
  };
  const enabling = new Enabling(browser, server, {
    userId: () => server.user,
    socketUrl: 'wss://rt.example.org/v1/realtime',
    log: (level, text) => void logged.push(`${level} ${text}`),
    wait: (_ms) => new Promise((resolve) => void timers.push(resolve)),
  });
  const enable = (options?: object, permission: NotificationPermission | undefined = 'granted') => enabling.enable(options, permission);
  return { workers, saved, told, logged, timers, server, enabling, enable, manager: workers.in(ROOT).pushManager };
}

test('it registers the worker, subscribes, tells the server, and leaves the worker what it needs', async () => {
  const { enable, workers, told, saved, manager } = setUp();
  const subscription = await enable();
  assert.equal(subscription, manager.current);
  assert.deepEqual(workers.scripts, ['https://app.example.org/pipit-sw.js']);
  assert.deepEqual(told, [`subscribe ${FIRST} ${KEY}`]);
  assert.deepEqual([...saved], [
    [ROOT, { resubscribe_url: 'https://rt.example.org/v1/push/resubscribe', endpoint: FIRST, auth: `a of ${FIRST}`, vapid: KEY, user: 'ann' }],
  ]);
});

test('a second time nothing is made anew, and the server told whose it is', async () => {
  const { enable, told, manager } = setUp();
  assert.equal(await enable(), await enable());
  assert.equal(manager.made, 1);
  assert.deepEqual(told, Array(2).fill(`subscribe ${FIRST} ${KEY}`));
});

test('two at the same time make one subscription', async () => {
  const { enable, manager } = setUp();
  const [one, other] = await Promise.all([enable(), enable()]);
  assert.equal(one, other);
  assert.equal(manager.made, 1);
});

test('a subscription that was made with an earlier key is replaced', async () => {
  const { enable, told, server, saved } = setUp();
  await enable();
  server.key = NEXT_KEY;
  const subscription = await enable();
  assert.equal(subscription?.endpoint, SECOND);
  assert.deepEqual(told.slice(1), [`resubscribe ${SECOND} ${NEXT_KEY} ${FIRST},a of ${FIRST}`]);
  assert.deepEqual([saved.get(ROOT)?.endpoint, saved.get(ROOT)?.vapid], [SECOND, NEXT_KEY]);
});

for (const [who, change] of [
  ['of somebody else', (server) => (server.user = 'ben')],
  ['of nobody knows whom', (server) => (server.user = undefined)],
  ['that the server does not know', (server) => (server.knows = false)],
] as [string, (server: ReturnType<typeof setUp>['server']) => void][]) {
  test(`one ${who} is ended beside the new one, not replaced`, async () => {
    const { enable, told, manager, server } = setUp();
    await enable();
    manager.current = null;
    change(server);
    await enable();
    assert.deepEqual(told.slice(1), [`subscribe ${SECOND} ${KEY}`, `unsubscribe ${FIRST}`]);
  });
}

test('one that the browser has lost is made anew and takes its place at the server', async () => {
  const { enable, told, manager } = setUp();
  await enable();
  manager.current = null;
  await enable();
  assert.deepEqual(told.slice(1), [`resubscribe ${SECOND} ${KEY} ${FIRST},a of ${FIRST}`]);
});

test('what the server refuses of a replacement otherwise is the caller\'s', async () => {
  const { enable, told, manager, server } = setUp();
  await enable();
  manager.current = null;
  server.refusal = questionFailed('unreachable', 'No.');
  await assert.rejects(enable(), { reason: 'unreachable' });
  assert.equal(told.length, 1);
});

test('a browser that does not tell the key of a subscription is believed what was kept', async () => {
  const { enable, manager, server } = setUp();
  manager.hidesKey = true;
  await enable();
  await enable();
  assert.equal(manager.made, 1);
  server.key = NEXT_KEY;
  await enable();
  assert.equal(manager.made, 2);
});

test('another worker and scope are taken, from the page on', async () => {
  const { enable, workers, saved } = setUp();
  await enable({ worker: 'sw.js' });
  await enable({ worker: '/shop/sw.js', scope: '/shop/push/' });
  assert.deepEqual(workers.scripts, [`${ROOT}rooms/sw.js`, `${ROOT}shop/sw.js`]);
  assert.deepEqual([...saved.keys()], [`${ROOT}rooms/`, `${ROOT}shop/push/`]);
});

for (const [options, message] of [
  [5, '"options" must be an object: { ask, worker, scope }, not a number.'],
  [{ url: '/x' }, '"url" is no member of "options". Allowed: ask, worker, scope.'],
  [{ worker: 5 }, '"worker" must be the address of a script, not a number.'],
  [{ scope: '' }, '"scope" must be the address of a folder, not an empty string.'],
  [{ ask: 1 }, '"ask" must be a boolean, not a number.'],
  [{ worker: 'https://rt.example.org/pipit-sw.js' }, /^"worker" must be of the page's own origin/],
] as const) {
  test(`wrong options are refused: ${JSON.stringify(options)}`, async () => {
    const { enable, workers } = setUp();
    await assert.rejects(enable(options as object), { name: 'PipitError', code: 'INVALID_PARAMETER', message });
    assert.deepEqual(workers.scripts, []);
  });
}

for (const [reason, code, given, permission] of [
  ['insecure_page', 'INVALID_REQUEST', { isSecure: false, workers: undefined }, undefined],
  ['not_on_home_screen', 'INVALID_REQUEST', { isApple: true, workers: undefined }, undefined],
  ['no_push', 'ERROR', { workers: undefined }, undefined],
  ['permission_denied', 'INVALID_REQUEST', {}, 'denied'],
  ['permission_dismissed', 'INVALID_REQUEST', {}, 'default'],
] as const) {
  test(`${reason} is said, and nothing done`, async () => {
    const { enabling, workers, told } = setUp(given);
    await assert.rejects(enabling.enable(undefined, permission), { name: 'PipitError', code, reason });
    assert.deepEqual([workers.scripts, told], [[], []]);
  });
}

test('without asking nothing is done as long as it is not permitted', async () => {
  const { enabling, workers } = setUp({ permission: () => 'default' });
  assert.equal(await enabling.enable({ ask: false }, undefined), null);
  assert.deepEqual(workers.scripts, []);
  assert.ok(await setUp().enabling.enable({ ask: false }, undefined));
});

test('a worker that is being installed is waited for', async () => {
  const { enable, workers, manager } = setUp();
  const registration = workers.in(ROOT);
  registration.active = null;
  const worker = (registration.installing = new FakeWorker());
  const enabling = enable();
  await settled();
  assert.equal(manager.made, 0);
  worker.become('installed');
  worker.become('activated');
  await enabling;
  assert.equal(manager.made, 1);
});

test('a worker that cannot be had, installed or waited for is named', async () => {
  for (const [retry, refusal, fail] of [
    [false, new TypeError('404'), () => {}],
    [false, new DOMException('The path of the provided scope is not under the max scope allowed', 'SecurityError'), () => {}],
    [false, undefined, ({ worker }) => worker.become('redundant')],
    [true, undefined, ({ timers }) => timers[0]!()],
  ] as [boolean, Error | undefined, (all: { worker: FakeWorker; timers: (() => void)[] }) => void][]) {
    const { enable, workers, timers } = setUp();
    const worker = new FakeWorker();
    Object.assign(workers.in(ROOT), { active: null, installing: worker });
    workers.refusal = refusal;
    const rejected = assert.rejects(enable(), { code: 'ERROR', reason: 'worker_failed', retry, message: /pipit-sw\.js could not be started/ });
    await settled();
    fail({ worker, timers });
    await rejected;
  }
});

test('of a worker whose script fails, what it imports is named as a possible reason', async () => {
  const { enable, workers } = setUp();
  workers.refusal = new TypeError('ServiceWorker script evaluation failed');
  await assert.rejects(enable(), { reason: 'worker_failed', retry: false, message: /importScripts\(\).*script evaluation failed$/ });
});

test('a subscription that the browser does not permit is not worth another attempt', async () => {
  const { enable, manager } = setUp();
  manager.refusal = new DOMException('Registration failed - permission denied', 'NotAllowedError');
  await assert.rejects(enable(), { code: 'ERROR', reason: 'subscribe_failed', retry: false, cause: manager.refusal });
});

test('a push service that refuses is told with the cause, and the next time it is tried anew', async () => {
  const { enable, manager, told } = setUp();
  const cause = (manager.refusal = new Error('offline'));
  await assert.rejects(enable(), { code: 'ERROR', reason: 'subscribe_failed', retry: true, cause });
  assert.deepEqual(told, []);
  manager.refusal = undefined;
  await enable();
  assert.equal(told.length, 1);
});

test('what the server refuses is the caller\'s, and nothing kept', async () => {
  const { enable, server, saved } = setUp();
  server.refusal = questionFailed('unreachable', 'No.');
  await assert.rejects(enable(), { reason: 'unreachable' });
  assert.equal(saved.size, 0);
});

test('where nothing can be kept it is enabled all the same, and logged', async () => {
  const broken = () => Promise.reject(new Error('no storage'));
  const { enable, logged, told } = setUp({ saved: { find: broken, save: broken, forget: broken } });
  assert.ok(await enable());
  assert.equal(told.length, 1);
  assert.match(logged.at(-1)!, /^warn .*no storage/);
});

test('to disable ends the subscription here and at the server, and nothing is kept', async () => {
  const { enable, enabling, told, saved, manager } = setUp();
  await enable();
  await enabling.disable(undefined);
  assert.equal(manager.current, null);
  assert.deepEqual(told.slice(1), [`unsubscribe ${FIRST}`]);
  assert.equal(saved.size, 0);
  await enabling.disable(null);
  assert.equal(told.length, 2);
});

test('to disable while it is being enabled comes after it', async () => {
  const { enable, enabling, told, manager } = setUp();
  await Promise.all([enable(), enabling.disable(undefined)]);
  assert.equal(manager.current, null);
  assert.deepEqual(told.map((text) => text.split(' ')[0]), ['subscribe', 'unsubscribe']);
});

test('to disable leaves the subscription of the scope around alone', async () => {
  const { enable, enabling, manager } = setUp();
  await enable();
  await enabling.disable({ scope: '/rooms/' });
  assert.ok(manager.current);
});

test('a server that cannot be told is no reason to keep getting notifications', async () => {
  const { enable, enabling, server, manager, logged } = setUp();
  await enable();
  server.refusal = questionFailed('unreachable', 'No.');
  await enabling.disable(undefined);
  assert.equal(manager.current, null);
  assert.match(logged[0]!, /^warn The server could not be told/);
});

test('where there is no web push there is nothing to disable', async () => {
  await setUp({ workers: undefined }).enabling.disable(undefined);
});
