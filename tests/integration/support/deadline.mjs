// Every wait in these tests ends: with what was waited for, or with an Error that says what did not come.

// Generous, for a sanitizer build on a busy machine; nothing that works waits for long.
export const deadlineMs = 30_000;

export async function within(promise, what, ms = deadlineMs) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Something that comes in pieces and is waited for: `changed()` after each piece, `until(look, …)` resolves with the
// first value of `look()` that is not undefined, and rejects with what `look()` throws.
export class Waiters {
  #waiting = new Set();

  changed() {
    for (const retry of [...this.#waiting]) retry();
  }

  until(look, what, ms) {
    let retry;
    const found = new Promise((resolve, reject) => {
      retry = () => {
        try {
          const value = look();
          if (value === undefined) return;
          resolve(value);
        } catch (error) {
          reject(error);
        }
        this.#waiting.delete(retry);
      };
      this.#waiting.add(retry);
      retry();
    });
    return within(found, what, ms).finally(() => this.#waiting.delete(retry));
  }
}
