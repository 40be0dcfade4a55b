import { listen } from './listen.js';

/** Calls `wake` when the page becomes visible or the network comes back. Answers with what ends it. Nothing in Node. */
export function watchWakeUps(wake: () => void): () => void {
  const { document: page } = globalThis;
  if (page === undefined) return () => {};
  const ends = [
    listen(page, 'visibilitychange', () => page.visibilityState === 'visible' && wake()),
    listen(globalThis, 'online', wake),
  ];
  return () => ends.forEach((end) => end());
}
