/** The server's limit on commands, as it counts. */
export class Bucket {
  private level: number;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private filledAtMs = 0,
  ) {
    this.level = burst;
  }

  take(cost: number, nowMs: number): boolean {
    this.level = Math.min(this.burst, this.level + ((nowMs - this.filledAtMs) * this.perSecond) / 1_000);
    this.filledAtMs = nowMs;
    if (this.level < 1) return false;
    this.level -= cost;
    return true;
  }
}
