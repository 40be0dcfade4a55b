// What the client and its part for lists say to each other. They are bundles of their own, so what is named here keeps its name.
import type { Effect } from '../core/effects.js';
import type { WatchEvent, WireError } from '../core/wire.js';
import type { PipitError } from '../errors.js';
import type { DatabaseResponse } from '../types.js';

export type ListName = 'groups' | 'users';

/** What there are pages of. */
export type PageName = ListName | 'history';

/** Arguments as they go on the wire, in the order of the protocol's tables, without those that were not given. */
export type Question = Readonly<Record<string, unknown>>;

/** What the client asks of the part. `joined` is the group that is meant where none is named, null: there is none. */
export interface ListPart {
  /** A page. @param form what the params were read from, where it was a form */
  fetch(list: PageName, params: unknown, form: unknown, fetchOptions: unknown, joined: string | null): Promise<DatabaseResponse<object>>;
  /** The question that a watch asks. Throws PipitError. */
  watchQuestion(list: ListName, params: unknown, options: unknown, joined: string | null): Question;
  /** @param nextId a number that no other command has */
  startWatches<Ticket>(nextId: () => number, effect: (effect: Effect<Ticket>) => void): Watching<Ticket>;
}

/** Lists that are kept up to date. */
export interface Watching<Ticket> {
  /** The ticket is resolved when its list is first shown. Answered at once where the same question is watched already. */
  add(list: ListName, question: Question, ticket: Ticket): void;
  remove(ticket: Ticket): void;
  onOpened(): void;
  /** Watches end with the connection; what was shown is kept, to tell the difference later. */
  onLost(): void;
  onEvent(event: WatchEvent): void;
  onUnwatched(watch: string): void;
  /** Those that the server could not give are asked for again. */
  onTimer(): void;
  /** Whether it was the reply to a question of these. */
  onReply(id: number, ok: Record<string, unknown>, error: WireError | undefined): boolean;
  /** @param told whether callbacks that were shown something hear of it */
  end(error: PipitError, told: boolean): void;
}
