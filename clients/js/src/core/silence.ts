/**
 * How long the server has for its word after a wake-up: a slow mobile line answers within it, retransmissions included, and
 * it is about as long as somebody who looks at the page again puts up with.
 */
const WOKEN_WAIT_MS = 3_000;

/** How long the server may say nothing until the connection counts as lost. */
export class Silence {
  private maxMs = 0;
  private dueMs = 0;
  private asked = false;

  /** @param maxMs the longest silence of a server that is well */
  begin(maxMs: number, nowMs: number) {
    this.maxMs = maxMs;
    this.heard(nowMs);
  }

  /** The server said anything. */
  heard(nowMs: number) {
    this.dueMs = nowMs + this.maxMs;
    this.asked = false;
  }

  /** From now on a word is wanted soon. Whether it has to be asked for: false while it was already. */
  ask(nowMs: number): boolean {
    if (this.asked) return false;
    this.asked = true;
    this.dueMs = Math.min(this.dueMs, nowMs + WOKEN_WAIT_MS);
    return true;
  }

  /** A word was asked for, and none has come yet. */
  get isAsked(): boolean {
    return this.asked;
  }

  /** How much longer the server may say nothing; 0 or less when the connection is lost. */
  leftMs(nowMs: number): number {
    return this.dueMs - nowMs;
  }
}
