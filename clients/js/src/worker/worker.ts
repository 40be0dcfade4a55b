// /pipit-sw.js: a service worker that shows notifications. An application's own worker may importScripts() it.
import { StoredPushes } from '../push/saved.js';
import { listenIn } from './handlers.js';
import type { WorkerScope } from './scope.js';

listenIn(globalThis as unknown as WorkerScope, {
  saved: new StoredPushes(),
  fetch: (...request) => fetch(...request),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});
