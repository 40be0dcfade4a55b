// What the service worker does when something happens.
import { Resubscription, SYNC_TAG } from './resubscription.js';
import type { Around } from './resubscription.js';
import { plain, readPayload, toShown } from './payload.js';
import type { PushWorkerMessage } from '../types.js';
import type { PushEvent, WorkerScope } from './scope.js';
import { targetOf, windowFor } from './target.js';

export function listenIn(worker: WorkerScope, around: Around) {
  const { registration, clients } = worker;
  const resubscription = new Resubscription(worker, around);
  const windows = () => clients.matchAll({ type: 'window', includeUncontrolled: true });

  async function show({ data }: PushEvent) {
    const payload = readPayload(data?.text() ?? '');
    const shown = toShown(payload, new URL(registration.scope).hostname);
    try {
      await registration.showNotification(shown.title, shown.options);
    } catch {
      await registration.showNotification(shown.title, plain(shown));
    }
    const message: PushWorkerMessage = { type: 'pipit:push', notification: payload };
    for (const window of await windows()) window.postMessage(message);
  }

  async function open(payload: Record<string, unknown>, action: string): Promise<unknown> {
    const url = targetOf(payload, action, registration.scope, worker.pipitOrigins ?? []);
    const window = windowFor(await windows(), url, registration.scope);
    // A browser may refuse to bring one to the front.
    const isShown = window !== undefined && (await window.focus().then(() => true, () => false));
    if (!isShown) return clients.openWindow(url);
    const message: PushWorkerMessage = { type: 'pipit:click', notification: payload, action, url };
    return window.postMessage(message);
  }

  worker.addEventListener('push', (event) => event.waitUntil(show(event)));
  worker.addEventListener('notificationclick', (event) => {
    const payload = event.notification.data?.pipit;
    // An application's own worker may show others.
    if (!payload) return;
    event.notification.close();
    event.waitUntil(open(payload, event.action));
  });
  worker.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(resubscription.run(event.newSubscription)));
  worker.addEventListener('sync', (event) => {
    if (event.tag === SYNC_TAG) event.waitUntil(resubscription.run());
  });
}
