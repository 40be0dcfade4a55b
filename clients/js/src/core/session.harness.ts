// A session whose time and randomness the test moves, and the server's side of its conversation.
import { start } from '../lists/part.js';
import type { ListName } from '../lists/link.js';
import { Session } from './session.js';
import type { Position } from './wire.js';
import type { Effect, TimerName } from './effects.js';
import type { ListChange, WebSocketMessage } from '../types.js';

type Effects = Effect<string>[];

interface SentCommand {
  id: number;
  op: string;
  since?: Position;
}

interface HarnessOptions {
  token?: string | undefined;
  canFetchToken?: boolean;
  savedCid?: string;
  outbox?: { posts_max: number; bytes_max: number };
}

const OUTBOX = { posts_max: 1_000, bytes_max: 1_048_576 };

export const LIMITS = { message_bytes: 1_000, commands_per_second: 100, commands_burst: 200, group_name_bytes: 20, user_id_bytes: 20, key_window_ms: 300_000 };
export const CID = 'cid:9fK2Zr0aQw_XcV1B';

const neverAsked = () => Promise.reject(new Error('A watch asks by itself.'));
const lists = start({ ask: neverAsked, wait: neverAsked, userId: () => undefined, socketUrl: 'ws://x/', callOut: () => {}, log: () => {}, wallMs: () => 0 });

/** What a test looks at. Callers are named by strings. */
export class Harness {
  nowMs = 0;
  random = 0.5;
  readonly session: Session<string>;
  /** All effects since the last look. */
  private seen: Effects = [];
  /** When each armed timer is due. */
  readonly armed = new Map<TimerName, number>();
  /** The last command of each op. */
  private readonly last = new Map<string, SentCommand>();

  constructor({ token, canFetchToken = false, savedCid, outbox = OUTBOX }: HarnessOptions = { token: 'T1' }) {
    this.session = new Session<string>({
      url: 'wss://chat.example/v1/realtime',
      token,
      canFetchToken,
      client: 'pipit-js/test',
      keyPrefix: 'k',
      outbox,
      savedCid: () => savedCid,
      nowMs: () => this.nowMs,
      random: () => this.random,
    });
  }

  /** Runs one event through the session. */
  do(event: (session: Session<string>) => Effects): this {
    for (const effect of event(this.session)) {
      this.seen.push(effect);
      if (effect.do === 'send') this.note(effect.text);
      if (effect.do === 'arm') this.armed.set(effect.timer, this.nowMs + effect.afterMs);
      if (effect.do === 'disarm') this.armed.delete(effect.timer);
    }
    return this;
  }

  watch(list: ListName, params: unknown, options: unknown, ticket: string): this {
    return this.do((session) => session.watch(lists, list, params, options, session.groupJoined, ticket));
  }

  /** Moves time to when `timer` is due, and rings it. */
  ring(timer: TimerName): this {
    const dueMs = this.armed.get(timer);
    if (dueMs === undefined) throw new Error(`The timer ${timer} is not armed.`);
    this.nowMs = Math.max(this.nowMs, dueMs);
    this.armed.delete(timer);
    return this.do((session) => session.onTimer(timer));
  }

  receive(...objects: object[]): this {
    return this.do((session) => session.onText(objects.map((object) => JSON.stringify(object)).join('\n')));
  }

  /** Answers the last command of that op. */
  ok(op: string, ok: object = {}): this {
    return this.receive({ id: this.lastSent(op).id, ok });
  }

  error(op: string, reason: string, retry: boolean, more: object = {}): this {
    return this.receive({ id: this.lastSent(op).id, error: { code: 'ERROR', reason, message: `No: ${reason}.`, retry, ...more } });
  }

  /** From the opened socket to the accepted sign-in. */
  signIn({ lifetimeMs = 3_600_000, stream }: { lifetimeMs?: number; stream?: object } = {}): this {
    this.do((session) => session.onOpened());
    return this.ok('connect', {
      user: 'ann',
      cid: CID,
      server: 'pipit/test',
      token_expires_in_ms: lifetimeMs,
      ping_interval_ms: 25_000,
      pong_timeout_ms: 8_000,
      limits: LIMITS,
      stream,
    });
  }

  /** The answer to the join of a connection that comes back: nothing was missed, unless `news` say otherwise. */
  rejoin(group: string, news: object = { recovered: true, replayed: 0 }): this {
    return this.ok('join', { group, message: '', ...this.lastSent('join').since, ...news });
  }

  /** A client that is connected, and nothing else seen yet. */
  open(): this {
    this.do((session) => session.connect('connecting')).signIn();
    this.take();
    return this;
  }

  /** ... and in a group. */
  openIn(group: string): this {
    this.open().do((session) => session.join({ group }, 'joining'));
    this.ok('join', { group, message: `Joined realtime message group: "${group}".`, epoch: 'e', offset: 0 });
    this.take();
    return this;
  }

  /** A list of groups that is watched by the caller `watcher`. */
  watching(watch: string, rows: object[] = []): this {
    this.watch('groups', undefined, undefined, 'watcher');
    this.ok('watch', { watch, version: 1, list: rows, endOfList: true });
    this.take();
    return this;
  }

  lose(code = 1006, reason = ''): this {
    return this.do((session) => session.onClosed(code, reason));
  }

  /** The effects since the last look. */
  take(): Effects {
    return this.seen.splice(0);
  }

  /** The commands sent since the last look, decoded; heartbeats included. */
  sent(): { id?: number; op?: string; [member: string]: unknown }[] {
    return this.seen.flatMap((effect) => (effect.do === 'send' ? [JSON.parse(effect.text)] : []));
  }

  told(): WebSocketMessage[] {
    return this.seen.flatMap((effect) => (effect.do === 'tell' ? [effect.message] : []));
  }

  /** What watches showed since the last look, as [caller, change]. */
  shown(): [string, ListChange<object>][] {
    return this.seen.flatMap((effect) => (effect.do === 'show' ? [[effect.ticket, effect.change] as [string, ListChange<object>]] : []));
  }

  /** `type message` of everything told since the last look. */
  toldTexts(): string[] {
    return this.told().map(({ type, message }) => `${type} ${message}`);
  }

  /** How callers were settled since the last look, as `caller: text`. */
  settled(): string[] {
    return this.seen.flatMap((effect) => {
      if (effect.do === 'resolve') return [`${effect.ticket}: ${(effect.value as { message?: string }).message}`];
      if (effect.do === 'hand_socket') return [`${effect.ticket}: socket`];
      if (effect.do === 'reject') return [`${effect.ticket}: ${effect.error.code} ${effect.error.message}`];
      return [];
    });
  }

  did(what: Effect<string>['do']): boolean {
    return this.seen.some((effect) => effect.do === what);
  }

  private note(text: string) {
    const command = JSON.parse(text);
    this.last.set(command.op, command);
  }

  private lastSent(op: string): SentCommand {
    const command = this.last.get(op);
    if (command === undefined) throw new Error(`No ${op} was sent.`);
    return command;
  }
}
