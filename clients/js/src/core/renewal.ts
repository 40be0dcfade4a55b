// Renewing the token on the open connection, before it runs out.
import type { Effect } from './effects.js';
import type { Token } from './token.js';
import { encodeRefresh } from './wire.js';
import type { WireError } from './wire.js';

/** How long `getToken`, and the server after it, may take until the renewal begins anew. */
export const TOKEN_WAIT_MS = 30_000;
/** Also how old a renewal must be before the server's event begins it anew. */
const RETRY_MS = 5_000;

export class Renewal<Ticket> {
  private underWay = false;
  private startedMs = -Infinity;
  private refreshId = 0;

  constructor(
    private readonly token: Token,
    private readonly nowMs: () => number,
    private readonly nextId: () => number,
    private readonly effect: (effect: Effect<Ticket>) => void,
  ) {}

  /** The server took the token at hand, and told how long it may be used. */
  accepted(lifetimeMs: number | undefined) {
    if (lifetimeMs === undefined || !this.token.canRenew) return;
    const afterMs = this.token.accepted(lifetimeMs, this.nowMs());
    this.effect({ do: 'arm', timer: 'refresh', afterMs });
  }

  /** The server tells of each token once, of a short-lived one at once: so not every event is worth a renewal. */
  onAsked() {
    if (this.nowMs() - this.startedMs >= RETRY_MS) this.begin();
  }

  begin() {
    if (!this.token.canRenew) return;
    if (this.underWay) this.effect({ do: 'log', level: 'warn', text: 'The renewal of the token hangs; it begins anew.' });
    this.underWay = true;
    this.startedMs = this.nowMs();
    this.effect({ do: 'arm', timer: 'refresh', afterMs: TOKEN_WAIT_MS });
    this.effect({ do: 'fetch_token' });
  }

  /** The token at hand is new. */
  onFetched() {
    this.refreshId = this.nextId();
    this.effect({ do: 'send', text: encodeRefresh(this.refreshId, this.token.text ?? '') });
  }

  onFetchFailed(cause: unknown) {
    this.later(`getToken failed: ${cause}`, RETRY_MS);
  }

  /** Whether it was the reply to a renewal. */
  onReply(id: number, ok: Record<string, unknown>, error: WireError | undefined): boolean {
    if (id !== this.refreshId) return false;
    if (error) {
      this.token.discard();
      this.later(`The new token was not accepted: ${error.message}`, error.retry_after_ms ?? RETRY_MS);
      return true;
    }
    this.stop();
    this.accepted(ok.token_expires_in_ms as number | undefined);
    return true;
  }

  stop() {
    this.underWay = false;
    this.effect({ do: 'disarm', timer: 'refresh' });
  }

  private later(text: string, afterMs: number) {
    this.underWay = false;
    this.effect({ do: 'log', level: 'warn', text });
    this.effect({ do: 'arm', timer: 'refresh', afterMs });
  }
}
