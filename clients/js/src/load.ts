import type { CallModule } from './calls/link.js';

/** Fetches the part of the SDK that makes calls, from beside this one. */
export const loadCalls = (): Promise<CallModule> => import('./calls/part.js');
