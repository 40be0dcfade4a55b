/** Random input that a seed brings back (xorshift32). */
export class Random {
  private state: number;

  constructor(seed: number) {
    // Small seeds would begin alike, and zero would stay zero.
    this.state = Math.imul(seed, 0x9e3779b1) | 1;
  }

  /** Uniform enough in [0, limit), a whole number. */
  below(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % limit;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** The same bytes in pieces; some are empty. */
  cut(bytes: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    const most = this.pick([1, 3, 150]);
    for (let start = 0; start < bytes.length; ) {
      const end = start + this.below(most + 1);
      pieces.push(bytes.subarray(start, end));
      start = end;
    }
    return pieces;
  }
}
