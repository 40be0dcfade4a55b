// Random numbers that a seed reproduces. Each part of a run has a sequence of its own, so that none depends on how often
// another has asked.
export class Random {
  #state;

  constructor(seed, part) {
    this.#state = seed | 0;
    for (const unit of part) this.#state = Math.imul(this.#state ^ unit.codePointAt(0), 0x01000193);
  }

  // mulberry32: uniform in [0, 1).
  fraction() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  // A whole number from 0 to less than `end`.
  below(end) {
    return Math.floor(this.fraction() * end);
  }

  // A whole number from `low` to `high`, both included.
  between(low, high) {
    return low + this.below(high - low + 1);
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  // One of the keys of `weights`, each as often as its weight says.
  weighted(weights) {
    const entries = Object.entries(weights);
    let left = this.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) if ((left -= weight) < 0) return key;
    return entries.at(-1)[0];
  }

  uuid() {
    const hex = Array.from({ length: 32 }, () => this.below(16).toString(16)).join('');
    return [8, 4, 4, 4, 12].map(((at) => (size) => hex.slice(at, (at += size)))(0)).join('-');
  }
}
