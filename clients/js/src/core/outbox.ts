// Which of the callers' commands are sent when: posts and joins in the order in which they were given, on one connection or over several, and
// no faster than the server takes them.
import { outboxFull } from '../errors.js';
import type { OutboxOptions } from '../types.js';
import type { Command } from './commands.js';
import { Pace } from './pace.js';
import type { Limits, WireError } from './wire.js';

/** Sent and not answered. */
const UNDER_WAY_MAX = 10_000;
/** How often a post is sent again that the server cannot take at the moment. */
const TRIES_MAX = 10;
const RETRY_MS = 1_000;

export class Outbox<Ticket> {
  /** Not sent, in order; ids rise with it. */
  private queue: Command<Ticket>[] = [];
  /** Questions that need not wait for anything. */
  private ready: Command<Ticket>[] = [];
  private joins = 0;
  private posts = 0;
  private bytes = 0;
  /** Sent out of the queue, and not answered. */
  private readonly underWay = new Map<number, Command<Ticket>>();
  private readonly pace = new Pace();
  private retryAtMs = -Infinity;

  constructor(private readonly limits: Required<OutboxOptions>) {}

  /** Throws PipitError when a post of so many bytes would have to wait, and too many do. @param nowMs undefined while nothing can be sent */
  admit(bytes: number, nowMs: number | undefined) {
    const { posts_max, bytes_max } = this.limits;
    if (nowMs !== undefined && this.isEmpty && this.waitMs(nowMs) === 0) return;
    if (this.posts >= posts_max || this.bytes + bytes > bytes_max) throw outboxFull(posts_max, bytes_max);
  }

  put(command: Command<Ticket>) {
    const { kind } = command;
    if (kind !== 'post' && kind !== 'join' && this.joins === 0) {
      this.ready.push(command);
    } else {
      this.queue.push(command);
      this.count(command, 1);
    }
  }

  /** A connection is open. */
  begin(limits: Limits, nowMs: number) {
    this.pace.begin(limits, nowMs);
  }

  /** No connection any more: all these are to be sent on the next one, in order. */
  restart(commands: readonly Command<Ticket>[]) {
    for (const command of this.underWay.values()) command.isAgain = true;
    this.queue = [];
    this.ready = [];
    this.joins = this.posts = this.bytes = 0;
    this.underWay.clear();
    this.retryAtMs = -Infinity;
    for (const command of commands) this.put(command);
  }

  /** What is to be sent now, one command after the other. */
  next(nowMs: number): Command<Ticket> | undefined {
    const question = this.ready.shift();
    if (question !== undefined) {
      this.pace.spend(question.cost, nowMs);
      return question;
    }
    if (this.waitMs(nowMs) > 0) return undefined;
    const command = this.queue.shift();
    if (command === undefined) return undefined;
    this.count(command, -1);
    this.pace.spend(command.cost, nowMs);
    this.pace.sent(command.id, nowMs);
    this.underWay.set(command.id, command);
    return command;
  }

  /** How long until next() has something; Infinity: not before an answer, or not at all. */
  waitMs(nowMs: number): number {
    const [first] = this.queue;
    const [before] = this.underWay.values();
    if (before && (isAlone(before) || (first && isAlone(first)) || this.underWay.size >= UNDER_WAY_MAX)) return Infinity;
    return Math.max(this.pace.waitMs(nowMs), this.retryAtMs - nowMs);
  }

  get isEmpty(): boolean {
    return this.queue.length === 0;
  }

  /** The session itself has sent a command. */
  spend(nowMs: number) {
    this.pace.spend(1, nowMs);
  }

  answered(id: number, nowMs: number) {
    this.pace.answered(id, nowMs);
    this.underWay.delete(id);
  }

  /** A command was refused: whether it is sent again. */
  retries(command: Command<Ticket>, { reason, retry_after_ms = RETRY_MS }: WireError, nowMs: number): boolean {
    const isBusy = reason === 'rate_limited' || (reason === 'unavailable' && isAlone(command));
    if (command.kind !== 'post' || !isBusy || command.tries === TRIES_MAX) return false;
    command.tries += 1;
    this.put(command);
    this.queue.sort((a, b) => a.id - b.id);
    this.retryAtMs = nowMs + retry_after_ms;
    return true;
  }

  private count(command: Command<Ticket>, by: 1 | -1) {
    if (command.kind === 'join') this.joins += by;
    if (command.kind !== 'post') return;
    this.posts += by;
    this.bytes += by * command.bytes;
  }
}

/**
 * Whether it may have to be sent once more, so that nothing may be under way beside it that could come before it then: one that the server was too
 * busy for, and one whose notification the server is perhaps still writing down.
 */
const isAlone = ({ kind, cost, isAgain, tries }: Command<unknown>): boolean => tries > 0 || (kind === 'post' && cost > 1 && isAgain);
