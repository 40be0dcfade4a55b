import { terminalStandardCodes } from '../codes.js';

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 20_000;

/** Whether the server has told by this close code not to come back. `code` is 1005 or 1006 when there was none. */
export function isTerminal(code: number): boolean {
  return terminalStandardCodes.includes(code) || (code >= 4500 && code < 5000);
}

/**
 * How long to wait in ms before attempt number `attempt`, counted from 0. Full jitter, so that the clients of a server
 * that has restarted do not come back all at once.
 * @param random uniform in [0, 1)
 */
export function nextDelayMs(attempt: number, random: number): number {
  return Math.floor(random * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 10)));
}
