/** Listens to an event; answers with what ends that. */
export function listen(target: EventTarget | typeof globalThis, type: string, handler: (event: Event) => void): () => void {
  target.addEventListener(type, handler);
  return () => target.removeEventListener(type, handler);
}
