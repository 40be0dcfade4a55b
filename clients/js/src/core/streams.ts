// What the application is told of its group's stream and its user's: everything once, in order, and what is missing.
import type { Effect } from './effects.js';
import { gap, toMessage } from './messages.js';
import { Stream } from './stream.js';
import type { Loss } from './stream.js';
import type { StreamEvent, StreamNews } from './wire.js';

/** Former connections of this client whose notices are known as its own: far more than the server remembers. */
const CIDS_MAX = 1_000;

export class Streams<Ticket> {
  ofGroup = new Stream();
  ofUser = new Stream();
  /** The present connection and those before it. */
  private readonly cids = new Set<string>();
  /** Since the open connection was lost: what `success` says. */
  recovery = { recovered: true, recovered_messages: 0 };

  constructor(private readonly effect: (effect: Effect<Ticket>) => void) {}

  /** Events that were missed are to come yet. */
  get areBehind(): boolean {
    return this.ofGroup.isBehind || this.ofUser.isBehind;
  }

  /** The open connection was lost. */
  onLost() {
    this.recovery = { recovered: true, recovered_messages: 0 };
  }

  /** @param asked whether `since` was told */
  onConnected(cid: string, news: StreamNews | undefined, asked: boolean) {
    this.cids.add(cid);
    const [oldest] = this.cids;
    if (this.cids.size > CIDS_MAX) this.cids.delete(oldest!);
    this.miss(null, this.ofUser.answered(news ?? {}, asked));
  }

  onJoined(group: string, news: StreamNews, asked: boolean) {
    this.miss(group, this.ofGroup.answered(news, asked));
  }

  onLeft() {
    this.ofGroup = new Stream();
  }

  /** It is not come back to. */
  onGroupLost(group: string, reason: string) {
    this.miss(group, { reason });
    this.onLeft();
  }

  /** @param joined the group whose stream `ofGroup` is */
  onEvent(event: StreamEvent, joined: string | null) {
    const { kind, offset } = event;
    const group = kind === 'private' ? null : event.group;
    const stream = group === null ? this.ofUser : this.ofGroup;
    if (offset !== undefined && (group === null || group === joined)) {
      const missing = stream.take(offset);
      if (missing === undefined) return this.effect({ do: 'log', level: 'warn', text: `The server sent event ${offset} again.` });
      if (missing > 0) this.miss(group, { reason: 'hole', missed: missing });
      if (kind !== 'notice' && offset <= stream.replayedTo) this.recovery.recovered_messages += 1;
    }
    if (kind !== 'notice' || !this.cids.has(event.cid)) this.effect({ do: 'tell', message: toMessage(event) });
  }

  end() {
    this.ofGroup = new Stream();
    this.ofUser = new Stream();
    this.cids.clear();
    this.onLost();
  }

  private miss(group: string | null, loss: Loss | undefined) {
    if (loss === undefined) return;
    this.recovery.recovered = false;
    this.effect({ do: 'tell', message: gap(group, loss) });
  }
}
