// Which of the callers' commands are sent when: posts and joins in the order in which they were given, on one connection or over several, and
// no faster than the server takes them.
import { outboxFull } from '../errors.js';
import type { OutboxOptions, Recipient } from '../types.js';
import type { Command } from './commands.js';
import { Pace } from './pace.js';
import type { WireError } from './wire.js';

/** How often a post is sent again that the server cannot take at the moment. */
const TRIES_MAX = 10;
const RETRY_MS = 1_000;

/**
 * Whether it may have to be sent once more, so that nothing may be under way beside it that could come before it then: one that the server was too
 * busy for, and one whose notification the server is perhaps still writing down.
 */
const isDelicate = ({ kind, cost, sends, tries }: Command<unknown>): boolean => tries > 0 || (kind === 'post' && cost > 1 && sends > 0);

export class Outbox<Ticket> {
  /** Posts and joins that are not sent, in order; ids rise with it. */
  private queue: Command<Ticket>[] = [];
  /** Questions: they wait for nothing. */
  private questions: Command<Ticket>[] = [];
  /** The one that is under way is delicate. */
  private alone = false;
  private retryAtMs = -Infinity;
  /** Posts to this group wait until this client is in it again; null: there is no such group. */
  heldGroup: string | null = null;
  readonly pace = new Pace();

  constructor(private readonly limits: Required<OutboxOptions>) {}

  /** Nothing is to be sent. */
  get isEmpty(): boolean {
    return this.first === undefined;
  }

  isHeld(to: Recipient): boolean {
    return (to as { group?: string }).group === this.heldGroup;
  }

  private get first(): Command<Ticket> | undefined {
    return this.queue.find((command) => command.kind !== 'post' || !this.isHeld(command.to));
  }

  /** Throws PipitError when a post of so many bytes would have to wait, and too many do. @param nowMs undefined while nothing can be sent */
  admit(bytes: number, nowMs: number | undefined) {
    if (nowMs !== undefined && this.isEmpty && this.waitMs(nowMs) === 0) return;
    const { posts_max, bytes_max } = this.limits;
    const bytesAfter = this.queue.reduce((sum, waiting) => sum + waiting.bytes, bytes);
    if (this.queue.length >= posts_max || bytesAfter > bytes_max) throw outboxFull(posts_max, bytes_max);
  }

  put(command: Command<Ticket>) {
    (command.kind === 'post' || command.kind === 'join' ? this.queue : this.questions).push(command);
  }

  /** No connection any more: all these are to be sent on the next one, in order. */
  restart(commands: readonly Command<Ticket>[]) {
    this.queue = [];
    this.questions = [];
    this.alone = false;
    this.retryAtMs = -Infinity;
    for (const command of commands) {
      command.unsureSinceMs ??= this.pace.sentAt(command.id);
      this.put(command);
    }
  }

  drop(commands: readonly Command<Ticket>[]) {
    const dropped = new Set(commands);
    this.queue = this.queue.filter((command) => !dropped.has(command));
  }

  /** What is to be sent now, one command after the other. */
  next(nowMs: number): Command<Ticket> | undefined {
    let command = this.questions.shift();
    if (command === undefined) {
      if (this.waitMs(nowMs) > 0) return undefined;
      command = this.first;
      if (command === undefined) return undefined;
      this.queue.splice(this.queue.indexOf(command), 1);
      this.alone = isDelicate(command);
      command.sends += 1;
      this.pace.sent(command.id, nowMs);
    }
    this.pace.spend(command.cost, nowMs);
    return command;
  }

  /** How long until next() has something; Infinity: not before an answer. */
  waitMs(nowMs: number): number {
    const { first } = this;
    if (this.alone || (this.pace.isBusy && first && isDelicate(first))) return Infinity;
    return Math.max(this.pace.waitMs(nowMs), this.retryAtMs - nowMs);
  }

  /** A reply has come: whether the command, if it is one of these, is sent again. */
  answered(id: number, command: Command<Ticket> | undefined, error: WireError | undefined, nowMs: number): boolean {
    const { alone } = this;
    this.pace.answered(id, nowMs);
    if (!this.pace.isBusy) this.alone = false;
    if (command?.kind !== 'post' || command.tries === TRIES_MAX) return false;
    // What may have taken effect must not be given up for a refusal that says nothing of that.
    const isUnsure = command.unsureSinceMs !== undefined && error?.retry;
    if (!error || !(isUnsure || error.reason === 'rate_limited' || (alone && error.reason === 'unavailable'))) return false;
    command.tries += 1;
    this.queue.push(command);
    this.queue.sort((a, b) => a.id - b.id);
    this.retryAtMs = nowMs + (error.retry_after_ms ?? RETRY_MS);
    return true;
  }
}
