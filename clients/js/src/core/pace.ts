// How fast commands may be sent so that the server refuses none for its limit (PROTOCOL.md, section 2).
import type { Limits } from './wire.js';

/**
 * The server's bucket, as it is at least. It has half the size, and while a command has no answer it fills for a quarter of the burst only:
 * then, however long commands were under way and however close together they arrive, those of any time are within what the server allows. The
 * last quarter is for commands that are not waited for.
 */
export class Pace {
  private level = 0;
  private filledAtMs = 0;
  private levelMax = 1;
  private perMs = 1;
  private creditMs = 0;
  /** When each command was sent that has no answer yet; the oldest first. */
  private readonly sentAtMs = new Map<number, number>();

  /** A new connection. */
  begin({ commands_per_second, commands_burst }: Limits, nowMs: number) {
    this.perMs = commands_per_second / 1_000;
    this.levelMax = Math.max(1, commands_burst / 2);
    this.creditMs = commands_burst / 4 / this.perMs;
    this.level = this.levelMax;
    this.filledAtMs = nowMs;
    this.sentAtMs.clear();
  }

  /** @param commands that it counts for */
  spend(commands: number, nowMs: number) {
    this.fill(nowMs);
    this.level -= commands;
  }

  /** Was sent just now, and is to be answered. */
  sent(id: number, nowMs: number) {
    this.sentAtMs.set(id, nowMs);
  }

  /** When it was sent that has no answer yet; undefined: there is no such command. */
  sentAt(id: number): number | undefined {
    return this.sentAtMs.get(id);
  }

  answered(id: number, nowMs: number) {
    this.fill(nowMs);
    this.sentAtMs.delete(id);
  }

  /** Some command is not answered yet. */
  get isBusy(): boolean {
    return this.sentAtMs.size > 0;
  }

  /** How long until a command may be sent; 0: now. Infinity: that is seen when there is an answer. */
  waitMs(nowMs: number): number {
    this.fill(nowMs);
    if (this.level >= 1) return 0;
    return this.isBusy ? Infinity : Math.ceil((1 - this.level) / this.perMs);
  }

  private fill(nowMs: number) {
    const [oldestMs = nowMs] = this.sentAtMs.values();
    const forMs = Math.min(nowMs, oldestMs + this.creditMs) - this.filledAtMs;
    this.level = Math.min(this.levelMax, this.level + Math.max(0, forMs) * this.perMs);
    this.filledAtMs = nowMs;
  }
}
