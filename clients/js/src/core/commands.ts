import { tooManyUnanswered } from '../errors.js';
import type { Op } from '../link.js';
import type { Recipient } from '../types.js';
import { checkSize } from './checks.js';
import { encodeJoin, encodeLeave, encodePost, encodeQuestion } from './wire.js';
import type { Limits } from './wire.js';

const UNANSWERED_MAX = 10_000;

interface Waiting<Ticket> {
  id: number;
  text: string;
  ticket: Ticket;
}

/**
 * A command that a caller waits for. `text` is the same each time it is sent. A join of null leaves. What is asked `once`
 * is for that connection only which it was given for.
 */
export type Command<Ticket> = Waiting<Ticket> & ({ kind: 'post' | 'question' | 'once' } | { kind: 'join'; group: string | null });

/** The callers' commands without an answer yet, in the order in which they were given. At most 10,000. */
export class Commands<Ticket> {
  private readonly unanswered = new Map<number, Command<Ticket>>();
  private lastId = 0;

  /** @param keyPrefix unique to this client, at most 40 bytes: posts are named by it and their number */
  constructor(private readonly keyPrefix: string) {}

  /** A number that no other command of this client has. */
  nextId(): number {
    return ++this.lastId;
  }

  /** @param group null leaves */
  addJoin(group: string | null, ticket: Ticket): Command<Ticket> {
    const id = this.nextId();
    return this.add({ kind: 'join', group, id, text: group === null ? encodeLeave(id) : encodeJoin(id, group), ticket });
  }

  /** @param data JSON text, as `notification` */
  addPost(to: Recipient, data: string, notification: string | undefined, limits: Limits, ticket: Ticket): Command<Ticket> {
    const id = this.nextId();
    const text = encodePost(id, to, data, `${this.keyPrefix}.${id}`, notification);
    checkSize('message', text, limits);
    return this.add({ kind: 'post', id, text, ticket });
  }

  addQuestion(kind: 'question' | 'once', op: Op, members: object, limits: Limits, ticket: Ticket): Command<Ticket> {
    const id = this.nextId();
    const text = encodeQuestion(id, op, members);
    checkSize('params', text, limits);
    return this.add({ kind, id, text, ticket });
  }

  /** The group that a connection in `group` is in once the joins without an answer yet are done; null: none. */
  groupAfter(group: string | null): string | null {
    return this.all().reduce((before, command) => (command.kind === 'join' ? command.group : before), group);
  }

  /** The command that a reply belongs to; it is no longer kept. */
  take(id: number): Command<Ticket> | undefined {
    const command = this.unanswered.get(id);
    this.unanswered.delete(id);
    return command;
  }

  all(): Command<Ticket>[] {
    return [...this.unanswered.values()];
  }

  clear() {
    this.unanswered.clear();
  }

  private add(command: Command<Ticket>): Command<Ticket> {
    if (this.unanswered.size >= UNANSWERED_MAX) throw tooManyUnanswered(UNANSWERED_MAX);
    this.unanswered.set(command.id, command);
    return command;
  }
}
