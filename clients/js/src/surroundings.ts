import type { HttpFetch, PartLoaders } from './link.js';
import { loadParts } from './load.js';
import type { Schedule } from './runner.js';

/** What a client takes from where it runs; the tests give their own. */
export interface Surroundings {
  /** Where to connect to without `url`. */
  origin: string | undefined;
  schedule: Schedule;
  nowMs: () => number;
  /** Uniform in [0, 1). */
  random: () => number;
  /** Unique to each client, at most 40 bytes of letters and digits. */
  keyPrefix: () => string;
  /** In place of the global one. */
  httpFetch?: HttpFetch;
  /** What outlives a reload of the page, in this tab only; may throw. */
  storage: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** The time of day: the only clock that two pages share. */
  wallMs: () => number;
  loadParts: PartLoaders;
  /** Takes what the application's own functions threw: no caller of ours is to blame. */
  report: (error: unknown) => void;
}

export const surroundings: Surroundings = {
  origin: globalThis.location?.origin,
  schedule: {
    setTimer: (callback, afterMs) => setTimeout(callback, afterMs),
    clearTimer: (timer) => clearTimeout(timer as number),
    soon: (callback) => queueMicrotask(callback),
  },
  nowMs: () => performance.now(),
  random: Math.random,
  keyPrefix: () => crypto.getRandomValues(new Uint32Array(4)).join(''),
  storage: () => sessionStorage,
  wallMs: Date.now,
  loadParts,
  report: (error) =>
    queueMicrotask(() => {
      throw error;
    }),
};
