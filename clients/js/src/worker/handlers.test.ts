import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeRegistration, FakeSaved } from '../testing/push.js';
import { listenIn } from './handlers.js';
import type { WorkerEvents, WorkerScope } from './scope.js';

const SCOPE = 'https://app.example.org/';
const TEA = { title: 'Tea', body: 'It is ready.', url: '/tea', actions: [{ action: 'go', title: 'Go', url: '/go' }] };

class FakeWindow {
  readonly heard: unknown[] = [];
  focused = 0;
  refusal: Error | undefined;

  constructor(readonly url: string) {}

  async focus() {
    if (this.refusal) throw this.refusal;
    this.focused += 1;
  }

  postMessage(message: unknown) {
    this.heard.push(message);
  }
}

/** A worker with these windows of its origin open. */
function setUp(...addresses: string[]) {
  const windows = addresses.map((path) => new FakeWindow(new URL(path, SCOPE).href));
  const shown: [string, NotificationOptions | undefined][] = [];
  const opened: string[] = [];
  const posted: string[] = [];
  const saved = new FakeSaved();
  const handlers = new Map<string, (event: never) => void>();
  const browser = { refuses: (_options: NotificationOptions) => false };
  const registration = Object.assign(new FakeRegistration(SCOPE), {
    showNotification: async (title: string, options: NotificationOptions) => {
      if (browser.refuses(options)) throw new TypeError('no such option');
      shown.push([title, options]);
    },
  });
  const worker = {
    registration,
    clients: { matchAll: async () => windows, openWindow: async (url: string) => void opened.push(url) },
    addEventListener: (type: string, handler: (event: never) => void) => void handlers.set(type, handler),
  } as unknown as WorkerScope;
  listenIn(worker, {
    saved,
    fetch: async (url) => (posted.push(String(url)), new Response('{}')),
    wait: async () => {},
  });
  /** Resolves when the worker is done with it. */
  const dispatch = async <Type extends keyof WorkerEvents>(type: Type, event: Omit<WorkerEvents[Type], 'waitUntil'>) => {
    let done: Promise<unknown> | undefined;
    handlers.get(type)!({ ...event, waitUntil: (promise: Promise<unknown>) => (done = promise) } as never);
    await done;
    return done !== undefined;
  };
  const push = (text: string | null) => dispatch('push', { data: text === null ? null : { text: () => text } });
  const click = async (data: unknown, action = '') => {
    const notification = { data, closed: 0, close: () => void (notification.closed += 1) };
    await dispatch('notificationclick', { action, notification });
    return notification.closed;
  };
  return { worker, windows, shown, opened, posted, saved, registration, browser, dispatch, push, click };
}

test('a push is shown, and the open pages are told', async () => {
  const { push, shown, windows } = setUp('/', '/den');
  assert.equal(await push(JSON.stringify(TEA)), true);
  assert.deepEqual(shown.map(([title, options]) => [title, options?.body]), [['Tea', 'It is ready.']]);
  for (const { heard } of windows) assert.deepEqual(heard, [{ type: 'pipit:push', notification: TEA }]);
});

test('a push of nothing, or of what nobody understands, is shown under the name of the host', async () => {
  const { push, shown } = setUp();
  await push(null);
  await push('\u0000garbage');
  assert.deepEqual(shown.map(([title, options]) => [title, options?.body]), [['app.example.org', ''], ['app.example.org', '\u0000garbage']]);
});

test('what the browser refuses is shown without its options, and a click still leads there', async () => {
  const { push, click, shown, browser, opened } = setUp();
  browser.refuses = (options) => 'vibrate' in options;
  await push(JSON.stringify({ ...TEA, vibrate: 'x' }));
  assert.deepEqual(shown.map(([title, options]) => [title, options?.body]), [['Tea', 'It is ready.']]);
  await click(shown[0]![1]!.data);
  assert.deepEqual(opened, [`${SCOPE}tea`]);
});

test('a click closes it, shows the window that has the page open, and tells that window alone', async () => {
  const { click, windows, opened } = setUp('/', '/tea');
  assert.equal(await click({ pipit: TEA }), 1);
  assert.deepEqual(windows.map(({ focused }) => focused), [0, 1]);
  assert.deepEqual(opened, []);
  assert.deepEqual(windows.map(({ heard }) => heard), [
    [],
    [{ type: 'pipit:click', notification: TEA, action: '', url: `${SCOPE}tea` }],
  ]);
});

test('without such a window one is opened, and also where it may not be shown', async () => {
  const { click, windows, opened } = setUp('/', '/go');
  await click({ pipit: TEA });
  windows[1]!.refusal = new Error('not allowed');
  await click({ pipit: TEA }, 'go');
  assert.deepEqual(opened, [`${SCOPE}tea`, `${SCOPE}go`]);
  assert.deepEqual(windows[1]!.heard, []);
});

test('a click leads to another origin only where the application\'s worker allows it', async () => {
  const { click, opened, worker } = setUp();
  const notification = { pipit: { ...TEA, url: 'https://docs.example.org/' } };
  await click(notification);
  worker.pipitOrigins = ['https://docs.example.org'];
  await click(notification);
  assert.deepEqual(opened, [SCOPE, 'https://docs.example.org/']);
});

test('a click on a notification of the application\'s own is left to that', async () => {
  const { click, opened } = setUp();
  for (const data of [null, undefined, 'x', { url: '/tea' }]) assert.equal(await click(data), 0);
  assert.deepEqual(opened, []);
});

test('a lost subscription is made anew, at once and when the network is back', async () => {
  const { dispatch, posted, saved, registration } = setUp();
  const kept = { resubscribe_url: 'https://rt.example.org/x', endpoint: 'https://push.example.net/old', auth: 'a', vapid: 'BPv_' };
  saved.set(SCOPE, kept);
  await dispatch('pushsubscriptionchange', {});
  assert.deepEqual(posted, ['https://rt.example.org/x']);
  registration.pushManager.current = null;
  assert.equal(await dispatch('sync', { tag: 'another' }), false);
  await dispatch('sync', { tag: 'pipit-resubscribe' });
  assert.equal(posted.length, 2);
});
