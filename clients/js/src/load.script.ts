// In place of load.ts for a <script>: one of another origin is not told where it came from when it imports.
import type { CallModule } from './calls/link.js';

export const script = document.currentScript as HTMLScriptElement | null;

export const loadCalls = async (): Promise<CallModule> => import(new URL('pipit-calls.mjs', script!.src).href);
