import { CloseCode, terminalStandardCodes } from '../codes.js';

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 20_000;
/** A connection that was lost sooner than this counts as one more failed attempt. */
const STABLE_AFTER_MS = 10_000;

/** The code's name in the catalogue. */
export const closeName = (code: number): string =>
  Object.entries(CloseCode).find(([, value]) => value === code)?.[0] ?? `close_${code}`;

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

/** When to try again: counts the attempts, and keeps the time that a draining server has told. */
export class Backoff {
  private attempts = 0;
  private openedAtMs: number | undefined;
  private toldAtMs: number | undefined;

  reset() {
    this.attempts = 0;
    this.openedAtMs = undefined;
    this.toldAtMs = undefined;
  }

  /** The server will close, and wants us back `afterMs` from now. */
  told(afterMs: number, nowMs: number) {
    this.toldAtMs = nowMs + afterMs;
  }

  /** Whether the wait under way is one that the server has told, and so not to be cut short. */
  get isTold(): boolean {
    return this.toldAtMs !== undefined;
  }

  /** An attempt starts; answers with its number, counted from 1. */
  attempt(): number {
    this.toldAtMs = undefined;
    return ++this.attempts;
  }

  opened(nowMs: number) {
    this.openedAtMs = nowMs;
  }

  /** The connection was lost, or an attempt has failed: how long to wait in ms. @param random as in nextDelayMs */
  lost(nowMs: number, random: number): number {
    if (this.openedAtMs !== undefined && nowMs - this.openedAtMs >= STABLE_AFTER_MS) this.attempts = 0;
    this.openedAtMs = undefined;
    if (this.toldAtMs !== undefined && this.toldAtMs > nowMs) return this.toldAtMs - nowMs;
    this.toldAtMs = undefined;
    return nextDelayMs(this.attempts, random);
  }
}
