// The group that this client is in, and becomes a member of again on each new connection, and when the server could not let it into another.
import type { Effect } from './effects.js';
import { failed } from './messages.js';
import { nextDelayMs } from './reconnect.js';
import type { Streams } from './streams.js';
import { encodeJoin } from './wire.js';
import type { StreamNews, WireError } from './wire.js';

/** So often in a row it is tried again, the last time without what was missed: that may be what the server cannot give. */
const TRIES_MAX = 8;

/** What a `join` with `since` counts for. */
const SINCE_COMMANDS = 5;

export class Membership<Ticket> {
  /** Null: none. */
  group: string | null = null;
  /** And all that was missed of it has been asked for. */
  private isIn = false;
  /** While the answer to it is waited for. */
  private rejoinId: number | undefined;
  /** How often the server has refused that for the moment. */
  private tries = 0;
  /** Until the timer `rejoin`. */
  private waits = false;
  /** Of what callers have asked for, the newest that is answered: the server answers in any order. */
  private newestId = 0;

  constructor(
    private readonly streams: Streams<Ticket>,
    private readonly nextId: (commands?: number) => number,
    private readonly effect: (effect: Effect<Ticket>) => void,
  ) {}

  /** The group as long as this connection is not in it, or has not got all that was missed; null: there is no such group. */
  get away(): string | null {
    return this.isIn ? null : this.group;
  }

  /** The answer to what a caller asked for: to join, or to leave. */
  onAnswer(id: number, ok: StreamNews & { group?: string | null }, error: WireError | undefined) {
    if (id < this.newestId) return;
    // A refusal can put the connection out of its group, or else changes nothing.
    if (error !== undefined && error.group !== null) return;
    this.newestId = id;
    if (error !== undefined) return void (this.isIn = false);
    const { group = null } = ok;
    const asked = group === this.away && this.streams.ofGroup.position !== undefined;
    this.end();
    this.group = group;
    this.isIn = true;
    if (group === null) this.streams.onLeft();
    else this.streams.onJoined(group, ok, asked);
  }

  /** The connection is a new one. */
  onOpened() {
    const { group } = this;
    this.end();
    this.group = group;
    if (group !== null) this.rejoin();
  }

  /** Whether it is the answer to that, which onRejoined() takes then. */
  isRejoin(id: number): boolean {
    return id === this.rejoinId;
  }

  /** @param random uniform in [0, 1). @returns the group that is lost, if it is */
  onRejoined(ok: StreamNews, error: WireError | undefined, random: number): string | undefined {
    const group = this.group!;
    this.rejoinId = undefined;
    if (error === undefined) {
      this.tries = 0;
      this.streams.onJoined(group, ok, this.streams.ofGroup.position !== undefined);
      this.isIn = !this.streams.ofGroup.more;
      return undefined;
    }
    this.isIn = false;
    if (error.retry && this.tries < TRIES_MAX) {
      this.waits = true;
      this.streams.recovery.recovered = false;
      this.effect({ do: 'arm', timer: 'rejoin', afterMs: Math.max(error.retry_after_ms ?? 0, nextDelayMs(this.tries++, random)) });
      return undefined;
    }
    this.end();
    this.effect({ do: 'tell', message: failed(error.reason, error.message) });
    this.streams.onGroupLost(group, error.reason);
    return group;
  }

  onTimer() {
    this.waits = false;
  }

  /**
   * Asks to be let in again, and for what was missed, page by page.
   * @param isJoining whether a caller's join is under way, whose answer decides
   * @returns whether nothing of it is waited for at the moment
   */
  recover(isJoining: () => boolean): boolean {
    if (this.rejoinId !== undefined || this.streams.areBehind) return false;
    if (this.away === null || this.waits || isJoining()) return true;
    this.rejoin();
    return false;
  }

  end() {
    this.group = null;
    this.isIn = this.waits = false;
    this.rejoinId = undefined;
    this.tries = 0;
    this.effect({ do: 'disarm', timer: 'rejoin' });
  }

  private rejoin() {
    const since = this.tries < TRIES_MAX ? this.streams.ofGroup.position : undefined;
    this.rejoinId = this.nextId(since && SINCE_COMMANDS);
    this.effect({ do: 'send', text: encodeJoin(this.rejoinId, this.group!, since) });
  }
}
