// The group that this client is in, and becomes a member of again on each new connection.
import type { Effect } from './effects.js';
import { failed } from './messages.js';
import type { Streams } from './streams.js';
import { encodeJoin } from './wire.js';
import type { StreamNews, WireError } from './wire.js';

export class Membership<Ticket> {
  /** Null: none. */
  group: string | null = null;
  /** While the answer to it is waited for. */
  private rejoinId: number | undefined;

  constructor(
    private readonly streams: Streams<Ticket>,
    private readonly nextId: () => number,
    private readonly effect: (effect: Effect<Ticket>) => void,
  ) {}

  /** The server has carried out what a caller asked for: to join, or to leave. */
  onJoined(ok: StreamNews & { group?: string | null }) {
    this.group = ok.group ?? null;
    if (this.group === null) this.streams.onLeft(false);
    else this.streams.onJoined(this.group, ok, false);
  }

  /** The connection is a new one. */
  onOpened() {
    this.rejoinId = undefined;
    if (this.group !== null) this.rejoin();
  }

  /** Whether it is the answer to that, which onRejoined() takes then. */
  isRejoin(id: number): boolean {
    return id === this.rejoinId;
  }

  /** @returns the group that is lost, if it is */
  onRejoined(ok: StreamNews, error: WireError | undefined): string | undefined {
    const group = this.group!;
    this.rejoinId = undefined;
    if (error === undefined) return void this.streams.onJoined(group, ok, this.streams.ofGroup.position !== undefined);
    this.end();
    this.streams.onLeft(true);
    this.effect({ do: 'tell', message: failed(error.reason, error.message) });
    return group;
  }

  /** Asks for more of what was missed, page by page. Whether all of it has come. */
  recover(): boolean {
    if (this.rejoinId !== undefined || this.streams.areBehind) return false;
    if (!this.streams.ofGroup.more) return true;
    this.rejoin();
    return false;
  }

  end() {
    this.group = null;
  }

  private rejoin() {
    this.rejoinId = this.nextId();
    this.effect({ do: 'send', text: encodeJoin(this.rejoinId, this.group!, this.streams.ofGroup.position) });
  }
}
