// What the application is told of its group's stream and its user's: everything once, in order, and what is missing.
import type { WebSocketMessage } from '../types.js';
import { gap, toMessage } from './messages.js';
import { Stream } from './stream.js';
import type { Loss } from './stream.js';
import type { StreamEvent, StreamNews } from './wire.js';

/** Former connections of this client whose notices are known as its own: far more than the server remembers. */
const CIDS_MAX = 1_000;

export class Streams {
  readonly ofGroup = new Stream();
  readonly ofUser = new Stream();
  /** The present connection and those before it. */
  private readonly cids = new Set<string>();
  private isWhole = true;
  private replayed = 0;

  constructor(
    private readonly tell: (message: WebSocketMessage) => void,
    private readonly warn: (text: string) => void,
  ) {}

  /** Events that were missed are to come yet. */
  get areBehind(): boolean {
    return this.ofGroup.isBehind || this.ofUser.isBehind;
  }

  /** What `success` says. */
  get recovery(): { recovered: boolean; recovered_messages: number } {
    return { recovered: this.isWhole, recovered_messages: this.replayed };
  }

  /** The open connection was lost: what comes from now on until the next one is open is recovered. */
  onLost() {
    this.isWhole = true;
    this.replayed = 0;
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

  /** @param lost whether something of it is lost thereby */
  onLeft(lost: boolean) {
    this.ofGroup.forget();
    if (lost) this.isWhole = false;
  }

  /** @param joined the group whose stream `ofGroup` is */
  onEvent(event: StreamEvent, joined: string | null) {
    const { kind, offset } = event;
    const group = kind === 'private' ? null : event.group;
    const stream = group === null ? this.ofUser : this.ofGroup;
    if (Number.isSafeInteger(offset) && (group === null || group === joined)) {
      const missing = stream.take(offset!);
      if (missing === undefined) return this.warn(`The server sent an event again: number ${offset}.`);
      if (missing > 0) this.miss(group, { reason: 'hole', missed: missing });
      if (kind !== 'notice' && stream.isOfReplay(offset!)) this.replayed += 1;
    }
    if (kind !== 'notice' || !this.cids.has(event.cid)) this.tell(toMessage(event));
  }

  end() {
    this.ofGroup.forget();
    this.ofUser.forget();
    this.cids.clear();
    this.onLost();
  }

  private miss(group: string | null, loss: Loss | undefined) {
    if (loss === undefined) return;
    this.isWhole = false;
    this.tell(gap(group, loss));
  }
}
