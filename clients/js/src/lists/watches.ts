// Lists that are kept up to date. One watch of the server serves all callbacks of the same question.
import { badAnswer, refused } from '../errors.js';
import type { PipitError } from '../errors.js';
import type { ListChange } from '../types.js';
import type { Effect } from '../core/effects.js';
import type { ListName, Question, Watching } from './link.js';
import { applied, areRows, difference } from './rows.js';
import type { Difference, Row, RowKey } from './rows.js';
import { encodeUnwatch, encodeWatch } from '../core/wire.js';
import type { WatchEvent, WireError } from '../core/wire.js';

/** When a list is asked for again that the server could not give at the moment, where it has not told. */
const RETRY_MS = 1_000;

/** What the server has told, or a callback has been shown. */
interface State {
  rows: readonly Row[];
  endOfList: boolean;
}

/**
 *   idle (askId 0, no watch) ──ask──> asked (askId) ──ok──> live (watch) ──unwatched, gap, lost──> idle
 */
interface Entry<Ticket> {
  list: ListName;
  question: Question;
  /** What each callback was shown last; undefined until its first time. */
  shown: Map<Ticket, State | undefined>;
  askId: number;
  /** Watches that were ended since it was asked: its answer may name one, and comes too late then. */
  ended: Set<string>;
  watch: string | undefined;
  version: number;
  state: State;
}

/** Still counted by the server, but ended as soon as it has answered. */
const isLeaving = ({ askId, shown }: Entry<unknown>): boolean => askId !== 0 && shown.size === 0;

const keyOf = (list: ListName): RowKey => (list === 'groups' ? 'group' : 'cid');

export class Watches<Ticket> implements Watching<Ticket> {
  /** By the text of list and question. */
  private readonly entries = new Map<string, Entry<Ticket>>();
  private open = false;

  constructor(
    private readonly nextId: () => number,
    private readonly effect: (effect: Effect<Ticket>) => void,
  ) {}

  add(list: ListName, question: Question, ticket: Ticket) {
    const name = JSON.stringify([list, question]);
    let entry = this.entries.get(name);
    if (entry === undefined) {
      const state = { rows: [], endOfList: false };
      entry = { list, question, shown: new Map(), askId: 0, ended: new Set(), watch: undefined, version: 0, state };
      this.entries.set(name, entry);
    }
    entry.shown.set(ticket, undefined);
    if (entry.watch !== undefined) this.show(entry);
    else if (this.open && entry.askId === 0) this.ask(entry);
  }

  remove(ticket: Ticket) {
    for (const entry of this.entries.values()) entry.shown.delete(ticket);
    this.sweep();
  }

  onOpened() {
    this.open = true;
    for (const entry of this.entries.values()) this.ask(entry);
  }

  onLost() {
    this.open = false;
    for (const entry of this.entries.values()) {
      entry.askId = 0;
      entry.watch = undefined;
    }
    this.sweep();
  }

  onEvent(event: WatchEvent) {
    const entry = this.find((other) => other.watch === event.watch);
    if (entry === undefined || event.version <= entry.version) return;
    const rows = event.version === entry.version + 1 ? applied(entry.state.rows, event, keyOf(entry.list)) : undefined;
    if (rows === undefined) return this.ask(entry);
    entry.version = event.version;
    entry.state = { rows, endOfList: event.endOfList === true };
    this.show(entry);
  }

  onUnwatched(watch: string) {
    const entry = this.find((other) => other.watch === watch);
    if (entry === undefined) return;
    entry.watch = undefined;
    if (entry.shown.size > 0) this.ask(entry);
    this.sweep();
  }

  onTimer() {
    for (const entry of this.entries.values()) {
      if (entry.askId === 0 && entry.watch === undefined && entry.shown.size > 0) this.ask(entry);
    }
  }

  onReply(id: number, ok: Record<string, unknown>, error: WireError | undefined): boolean {
    const entry = this.find((other) => other.askId === id);
    if (entry === undefined) return false;
    entry.askId = 0;
    if (error === undefined) this.answered(entry, ok);
    else if (error.reason === 'too_many_watches' && this.find(isLeaving)) this.retryAfter(RETRY_MS);
    else if (error.retry) this.askLater(entry, error);
    else this.fail(entry, refused(error));
    this.sweep();
    return true;
  }

  end(error: PipitError, told: boolean) {
    this.open = false;
    for (const entry of this.entries.values()) {
      if (!told) for (const [ticket, before] of entry.shown) if (before !== undefined) entry.shown.delete(ticket);
      this.fail(entry, error);
    }
    this.entries.clear();
  }

  private find(fits: (entry: Entry<Ticket>) => boolean): Entry<Ticket> | undefined {
    return [...this.entries.values()].find(fits);
  }

  private ask(entry: Entry<Ticket>) {
    entry.watch = undefined;
    entry.ended.clear();
    entry.askId = this.nextId();
    this.effect({ do: 'send', text: encodeWatch(entry.askId, entry.list, entry.question) });
  }

  private answered(entry: Entry<Ticket>, { watch, version, list, endOfList }: Record<string, unknown>) {
    if (typeof watch !== 'string' || !Number.isInteger(version) || !areRows(list, keyOf(entry.list))) {
      return this.fail(entry, badAnswer('The server gave an answer that is no list.'));
    }
    if (entry.ended.has(watch)) return this.ask(entry);
    // The server knows it as one that is watched in other words.
    const same = this.find((other) => other !== entry && other.watch === watch);
    if (same !== undefined) {
      same.shown.forEach((before, ticket) => entry.shown.set(ticket, before));
      same.shown.clear();
      same.watch = undefined;
    }
    entry.watch = watch;
    entry.version = version as number;
    entry.state = { rows: list, endOfList: endOfList === true };
    this.show(entry);
  }

  /** A caller that still waits is refused; a list that was shown comes back. */
  private askLater(entry: Entry<Ticket>, error: WireError) {
    for (const [ticket, before] of entry.shown) if (before === undefined) this.tellEnd(entry, ticket, refused(error));
    if (entry.shown.size > 0) this.retryAfter(error.retry_after_ms ?? RETRY_MS);
  }

  private retryAfter(afterMs: number) {
    this.effect({ do: 'arm', timer: 'watch', afterMs });
  }

  private fail(entry: Entry<Ticket>, error: PipitError) {
    for (const ticket of entry.shown.keys()) this.tellEnd(entry, ticket, error);
  }

  private tellEnd(entry: Entry<Ticket>, ticket: Ticket, error: PipitError) {
    const before = entry.shown.get(ticket);
    entry.shown.delete(ticket);
    if (before === undefined) this.effect({ do: 'reject', ticket, error });
    else this.tell(ticket, before, difference([], [], 'cid'), error);
  }

  private show(entry: Entry<Ticket>) {
    const { state } = entry;
    for (const [ticket, before] of entry.shown) {
      const change = difference(before?.rows ?? [], state.rows, keyOf(entry.list));
      if (before !== undefined && JSON.stringify(before) === JSON.stringify(state)) continue;
      entry.shown.set(ticket, state);
      this.tell(ticket, state, change);
      if (before === undefined) this.effect({ do: 'resolve', ticket, value: {} });
    }
  }

  /** Each callback gets rows of its own, so that it may do with them what it wants. */
  private tell(ticket: Ticket, { rows: list, endOfList }: State, change: Difference, error?: PipitError) {
    const own: ListChange<object> = JSON.parse(JSON.stringify({ list, ...change, endOfList }));
    this.effect({ do: 'show', ticket, change: error === undefined ? own : { ...own, error } });
  }

  /** Ends what nobody wants any more; what is asked for once its answer tells how the server calls it. */
  private sweep() {
    for (const [name, { shown, askId, watch }] of this.entries) {
      if (shown.size > 0 || askId !== 0) continue;
      this.entries.delete(name);
      if (watch === undefined) continue;
      this.effect({ do: 'send', text: encodeUnwatch(this.nextId(), watch) });
      for (const entry of this.entries.values()) if (entry.askId !== 0) entry.ended.add(watch);
    }
  }
}
