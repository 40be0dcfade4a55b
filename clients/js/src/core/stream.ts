// How far this client has what is sent to its group, or to its user (PROTOCOL.md, section 2.14).
import type { Position, StreamNews } from './wire.js';

/** What will not come. */
export interface Loss {
  reason: string;
  /** How many events; where it is known. */
  missed?: number;
}

export class Stream {
  private position: Position | undefined;
  /** Up to this offset events are those of a replay. */
  private replayedTo = 0;
  private more = false;

  /** Of the last event that has come; undefined while none is known. */
  get since(): Position | undefined {
    return this.position;
  }

  /** Events of a replay are to come yet. */
  get isBehind(): boolean {
    return this.position !== undefined && this.position.offset < this.replayedTo;
  }

  /** The replay was a part only, and the next one is to be asked for. */
  get hasMore(): boolean {
    return this.more;
  }

  isOfReplay(offset: number): boolean {
    return offset <= this.replayedTo;
  }

  /**
   * What the answer to `connect` or `join` says of it; answers with what is lost.
   * @param asked whether `since` was told with the question
   */
  answered(news: StreamNews, asked: boolean): Loss | undefined {
    const before = asked ? this.position : undefined;
    const { epoch, offset, replayed, more } = news;
    const isKnown = typeof epoch === 'string' && Number.isSafeInteger(offset);
    this.position = isKnown ? { epoch, offset: offset! } : undefined;
    this.replayedTo = before && isKnown && Number.isSafeInteger(replayed) ? offset! + replayed! : 0;
    this.more = before !== undefined && isKnown && more === true;
    if (before === undefined) return undefined;
    // A server that looks at no positions gives its own all the same.
    const between = isKnown && epoch === before.epoch ? offset! - before.offset : undefined;
    const { recovered = between === 0, reason = between === undefined ? 'epoch' : 'unavailable', missed } = news;
    return recovered ? undefined : { reason, ...(missed === undefined ? {} : { missed }) };
  }

  /** An event has come: how many before it are missing; undefined when it has come before. */
  take(offset: number): number | undefined {
    if (this.position === undefined) return 0;
    const missing = offset - this.position.offset - 1;
    if (missing < 0) return undefined;
    this.position.offset = offset;
    return missing;
  }

  /** It is another one from now on. */
  forget() {
    this.position = undefined;
    this.replayedTo = 0;
    this.more = false;
  }
}
