import { tooManyUnanswered } from '../errors.js';
import type { Op } from '../link.js';
import type { OutboxOptions, Recipient } from '../types.js';
import { checkJoin, checkNotification, checkRecipient, checkSize, toJson } from './checks.js';
import { Outbox } from './outbox.js';
import { defaultLimits, encodeJoin, encodeLeave, encodePost, encodeQuestion } from './wire.js';
import type { Limits, WireError } from './wire.js';

const UNANSWERED_MAX = 10_000;

/** Calls, and posts and commands that push a notification, count for so many commands. */
const COST_MAX = 10;
/** So many rows of a list, too, count for another command. */
const ROWS_FOR_ONE = 200;

interface Waiting<Ticket> {
  id: number;
  text: string;
  ticket: Ticket;
  /** How many commands it counts for. */
  cost: number;
  /** Of a post, else 0. */
  bytes: number;
  /** How often it was sent. */
  sends: number;
  /** When it was first sent without that an answer came; undefined: it is known that it has not taken effect. */
  unsureSinceMs?: number | undefined;
  /** How often the server was too busy for it. */
  tries: number;
}

/**
 * A command that a caller waits for. `text` is the same each time it is sent. A join of null leaves. What is asked `once`
 * is for that connection only which it was given for.
 */
export type Command<Ticket> = Waiting<Ticket> &
  ({ kind: 'post'; to: Recipient } | { kind: 'question' | 'once' } | { kind: 'join'; group: string | null });

/** The callers' commands without an answer yet, in the order in which they were given. At most 10,000. */
export class Commands<Ticket> {
  private readonly unanswered = new Map<number, Command<Ticket>>();
  private lastId = 0;

  limits: Limits = defaultLimits;
  /** Of them, those that are to be sent. */
  readonly outbox: Outbox<Ticket>;

  /** @param keyPrefix unique to this client, at most 40 bytes: posts are named by it and their number */
  constructor(
    private readonly keyPrefix: string,
    outbox: Required<OutboxOptions>,
  ) {
    this.outbox = new Outbox(outbox);
  }

  /** A number that no other command of this client has. */
  nextId(): number {
    return ++this.lastId;
  }

  /** Throws PipitError where a caller's argument is wrong, as all of these. */
  addJoin(params: unknown, ticket: Ticket) {
    const group = checkJoin(params, this.limits);
    const id = this.nextId();
    const text = group === null ? encodeLeave(id) : encodeJoin(id, group);
    this.add({ kind: 'join', group, ...waiting(id, text, ticket) });
  }

  /**
   * @param group the one that is joined when it is sent: named as such, so that it cannot be taken for a user who has that name
   * @param nowMs undefined while nothing can be sent
   */
  addPost(message: unknown, recipient: unknown, notification: unknown, ticket: Ticket, group: string | null, nowMs: number | undefined) {
    const checked = checkRecipient(recipient, this.limits);
    const to = checked === group ? { group } : checked;
    const push = (notification ?? null) === null ? undefined : checkNotification(notification);
    const id = this.nextId();
    const text = encodePost(id, to, toJson('message', message), `${this.keyPrefix}.${id}`, push);
    const bytes = checkSize('message', text, this.limits);
    this.outbox.admit(bytes, this.outbox.isHeld(to) ? undefined : nowMs);
    this.add({ kind: 'post', to, ...waiting(id, text, ticket, push === undefined ? 1 : COST_MAX), bytes });
  }

  addQuestion(kind: 'question' | 'once', op: Op, members: object, ticket: Ticket) {
    const id = this.nextId();
    const text = encodeQuestion(id, op, members);
    checkSize('params', text, this.limits);
    const { limit } = members as { limit?: unknown };
    const rows = typeof limit === 'number' ? limit : 0;
    const cost = op === 'call' || op === 'push' ? COST_MAX : 1 + Math.floor(rows / ROWS_FOR_ONE);
    this.add({ kind, ...waiting(id, text, ticket, cost) });
  }

  /** The group that a connection in `group` is in once the joins without an answer yet are done; null: none. */
  groupAfter(group: string | null): string | null {
    return this.all().reduce((before, command) => (command.kind === 'join' ? command.group : before), group);
  }

  /** A join is under way. */
  get isJoining(): boolean {
    return this.all().some(({ kind, id }) => kind === 'join' && this.outbox.pace.sentAt(id) !== undefined);
  }

  /** The server may have forgotten that it had it before; a tenth of the time is for the way. */
  isTooOld({ kind, unsureSinceMs = Infinity }: Command<Ticket>, nowMs: number): boolean {
    return kind === 'post' && nowMs - unsureSinceMs > 0.9 * this.limits.key_window_ms;
  }

  all(): Command<Ticket>[] {
    return [...this.unanswered.values()];
  }

  /** A reply has come: the command that it settles, which is no longer kept. A post that was refused for the moment is sent again instead. */
  settledBy(id: number, error: WireError | undefined, nowMs: number): Command<Ticket> | undefined {
    const command = this.unanswered.get(id);
    if (this.outbox.answered(id, command, error, nowMs)) return undefined;
    this.unanswered.delete(id);
    return command;
  }

  /** Takes out what was asked once. All else is to be sent on the next connection. */
  lost(): Command<Ticket>[] {
    const taken = this.takeAll(({ kind }) => kind === 'once');
    this.outbox.restart(this.all());
    return taken;
  }

  /**
   * Takes out the posts that wait to be sent to a group that is lost, for a user may have the same name. What waits behind a join is that join's affair.
   */
  groupLost(group: string): Command<Ticket>[] {
    let isJoining = false;
    return this.takeAll((command) => {
      isJoining ||= command.kind === 'join';
      if (command.kind !== 'post' || isJoining || this.outbox.pace.sentAt(command.id) !== undefined) return false;
      const { to } = command;
      return to === group || (to as { group?: string }).group === group;
    });
  }

  /** Takes out all. */
  end(): Command<Ticket>[] {
    const taken = this.takeAll(() => true);
    this.outbox.restart([]);
    return taken;
  }

  private takeAll(isTaken: (command: Command<Ticket>) => boolean): Command<Ticket>[] {
    const taken = this.all().filter(isTaken);
    for (const { id } of taken) this.unanswered.delete(id);
    this.outbox.drop(taken);
    return taken;
  }

  private add(command: Command<Ticket>) {
    if (this.unanswered.size >= UNANSWERED_MAX) throw tooManyUnanswered(UNANSWERED_MAX);
    this.unanswered.set(command.id, command);
    this.outbox.put(command);
  }
}

function waiting<Ticket>(id: number, text: string, ticket: Ticket, cost = 1): Waiting<Ticket> {
  return { id, text, ticket, cost, bytes: 0, sends: 0, tries: 0 };
}
