// How far this client has what is sent to its group, or to its user (PROTOCOL.md, section 2.14).
import type { Position, StreamNews } from './wire.js';

/** What will not come. */
export interface Loss {
  reason: string;
  /** How many events; where it is known. */
  missed?: number;
}

export class Stream {
  /** Of the last event that has come; undefined while none is known. */
  position: Position | undefined;
  /** Up to this offset events are those of a replay. */
  replayedTo = 0;
  /** That is a part only, and the next one is to be asked for. */
  more = false;

  /** Events of a replay are to come yet. */
  get isBehind(): boolean {
    return this.position !== undefined && this.position.offset < this.replayedTo;
  }

  /**
   * What the answer to `connect` or `join` says of it; answers with what is lost.
   * @param asked whether `since` was told with the question
   */
  answered(news: StreamNews, asked: boolean): Loss | undefined {
    // A server may know nothing of positions, and then tells no reason either.
    const { epoch, offset = 0, recovered, replayed = 0, more = false, reason = 'unavailable', missed } = news;
    this.position = epoch === undefined ? undefined : { epoch, offset };
    this.replayedTo = offset + replayed;
    this.more = more;
    return asked && !recovered ? { reason, ...(missed !== undefined && { missed }) } : undefined;
  }

  /** An event has come: how many before it are missing; undefined when it has come before. */
  take(offset: number): number | undefined {
    if (this.position === undefined) return 0;
    const missing = offset - this.position.offset - 1;
    if (missing < 0) return undefined;
    this.position.offset = offset;
    return missing;
  }
}
