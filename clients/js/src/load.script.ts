// In place of load.ts for a <script>: one of another origin is not told where it came from when it imports.
import type { CallModule } from './calls/link.js';

export const script = document.currentScript as HTMLScriptElement | null;

/** @param again at the end of the address: some browsers never fetch again what once could not be fetched */
export const loadCalls = async (again = ''): Promise<CallModule> =>
  import(`${new URL('pipit-calls.mjs' + again, script!.src)}`);
