// In place of load.ts for a <script>: one of another origin is not told where it came from when it imports.
import type { PartLoaders } from './link.js';

export const script = document.currentScript as HTMLScriptElement | null;

/** With `again` at the end of the address: some browsers never fetch again what once could not be fetched. */
const loadPart =
  (name: string) =>
  async (again = '') =>
    import(`${new URL(`pipit-${name}.mjs${again}`, script!.src)}`);

export const loadParts: PartLoaders = { calls: loadPart('calls'), lists: loadPart('lists'), push: loadPart('push') };
