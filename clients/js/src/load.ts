import type { PartLoaders } from './link.js';

/** Fetches the parts from beside this one. */
export const loadParts: PartLoaders = {
  calls: () => import('./calls/part.js'),
  lists: () => import('./lists/part.js'),
  push: () => import('./push/part.js'),
};
