const MARGIN_MS = 10_000;

/** setTimeout takes no more than 31 bits; a token that lives longer is renewed sooner than it need be. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * How long before a token is renewed: when a tenth of its lifetime is left, but with 10 s in hand, or half the lifetime of
 * one that lives shorter than 20 s.
 */
export function refreshDelayMs(lifetimeMs: number): number {
  const leftMs = Math.max(lifetimeMs / 10, Math.min(MARGIN_MS, lifetimeMs / 2));
  return Math.min(TIMER_MAX_MS, Math.floor(lifetimeMs - leftMs));
}

export type GetToken = () => Promise<string> | string;

/** What the application gives, however it fails to. */
export async function tokenFrom(getToken: GetToken): Promise<string> {
  const token = await getToken();
  if (typeof token !== 'string') throw new TypeError('getToken must give a string.');
  return token;
}

/** The token at hand and how long it may be used. Only the server's word counts, given in ms from now. */
export class Token {
  private renewAtMs = Infinity;

  /** @param canRenew whether another one can be fetched: one that cannot be replaced is used to its end */
  constructor(
    private current: string | undefined,
    readonly canRenew: boolean,
  ) {}

  get text(): string | undefined {
    return this.current;
  }

  /** The token if it may be used at `nowMs`. */
  usable(nowMs: number): string | undefined {
    return !this.canRenew || nowMs < this.renewAtMs ? this.current : undefined;
  }

  replace(text: string) {
    this.current = text;
    this.renewAtMs = Infinity;
  }

  discard() {
    this.current = undefined;
  }

  /** The server refused `text` as expired; a newer one stays. */
  expired(text: string) {
    if (this.current === text) this.discard();
  }

  /** The server accepted it; it runs out `lifetimeMs` after `nowMs`. Answers in how many ms it is to be renewed. */
  accepted(lifetimeMs: number, nowMs: number): number {
    const delayMs = refreshDelayMs(lifetimeMs);
    this.renewAtMs = nowMs + delayMs;
    return delayMs;
  }
}
