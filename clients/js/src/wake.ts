/** Calls `wake` when the page becomes visible or the network comes back. Answers with what ends it. Nothing in Node. */
export function watchWakeUps(wake: () => void): () => void {
  const { document: page } = globalThis;
  if (page === undefined || globalThis.addEventListener === undefined) return () => {};
  const onVisible = () => {
    if (page.visibilityState === 'visible') wake();
  };
  page.addEventListener('visibilitychange', onVisible);
  globalThis.addEventListener('online', wake);
  return () => {
    page.removeEventListener('visibilitychange', onVisible);
    globalThis.removeEventListener('online', wake);
  };
}
