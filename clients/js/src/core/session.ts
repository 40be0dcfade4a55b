// One client from its first connectRealtime() to the last closeRealtime(), over any number of sockets. Knows nothing of
// sockets, timers or promises: events come in by the public methods, and each returns the effects to be performed.
import { CloseCode } from '../codes.js';
import { NO_TOKEN, PipitError, connectionFailed, connectionNotOpen, neverOpened, notConnected, notJoined, outcomeUnknown, refused } from '../errors.js';
import type { Op } from '../link.js';
import type { ListName, ListPart, Watching } from '../lists/link.js';
import type { OutboxOptions, User } from '../types.js';
import { checkSize } from './checks.js';
import { Commands } from './commands.js';
import type { Command } from './commands.js';
import type { Effect, TimerName } from './effects.js';
import { Membership } from './membership.js';
import { closed, connected, failed, reconnecting } from './messages.js';
import { Backoff, closeName, isTerminal } from './reconnect.js';
import { Renewal, TOKEN_WAIT_MS } from './renewal.js';
import { Silence } from './silence.js';
import { Streams } from './streams.js';
import { Token } from './token.js';
import { HEARTBEAT, decode, defaultLimits, encodeConnect, encodeLeave, encodeRefresh, isOfCall, isOfStream } from './wire.js';
import type { ConnectOk, Incoming, StreamNews, WireError } from './wire.js';

const SIGN_IN_WAIT_MS = 15_000;

/**
 *   idle ──connect──> fetching ──token──> opening ──opened──> signing_in ──ok──> recovering ──rejoined, nothing missing──> open
 *     ^                  ^                   │                    │                   │                                     │
 *     │ first attempt    └──── retry ──── waiting <───────────────┴───────────────────┴───────────────── lost ──────────────┘
 *     └── failed                             │ "do not come back"
 *                                            └──> stopped ──connect──> fetching
 */
type Phase = 'idle' | 'fetching' | 'opening' | 'signing_in' | 'recovering' | 'open' | 'waiting' | 'stopped';

export interface SessionOptions {
  /** Of the WebSocket, for errors. */
  url: string;
  token: string | undefined;
  /** Whether fetch_token can be answered. */
  canFetchToken: boolean;
  /** Name and version for the server's log, at most 64 bytes. */
  client: string;
  /** See Commands. */
  keyPrefix: string;
  /** The cid that this token's user had before the page was loaded anew. Asked at each sign-in until one has succeeded. */
  savedCid: (token: string) => string | undefined;
  outbox: Required<OutboxOptions>;
  /** Any monotonic clock. */
  nowMs: () => number;
  /** Uniform in [0, 1). */
  random: () => number;
}

export class Session<Ticket> {
  private phase: Phase = 'idle';
  private effects: Effect<Ticket>[] = [];
  private waiters: Ticket[] = [];
  private readonly commands: Commands<Ticket>;
  private readonly streams: Streams<Ticket>;
  private readonly membership: Membership<Ticket>;
  private watches: Watching<Ticket> | undefined;
  readonly token: Token;
  private tokenIsNew = false;
  private readonly renewal: Renewal<Ticket>;
  /** Whether it has been open since connectRealtime(): only then does it come back by itself. */
  private wasOpen = false;
  private readonly backoff = new Backoff();
  private readonly silence = new Silence();
  private signedIn: User | null = null;
  /** The last connection since connectRealtime(). */
  private lastCid: string | undefined;
  private connectId = 0;

  constructor(private readonly options: SessionOptions) {
    this.commands = new Commands(options.keyPrefix, options.outbox);
    this.streams = new Streams(this.effect);
    this.membership = new Membership(this.streams, this.nextId, this.effect);
    this.token = new Token(options.token, options.canFetchToken);
    this.renewal = new Renewal(this.token, options.nowMs, this.nextId, this.effect);
  }

  /** The user of the open connection, else null. */
  get user(): User | null {
    return this.phase === 'open' ? this.signedIn : null;
  }

  /** Whose connection is open or coming back, else null. */
  get resumable(): User | null {
    return this.wasOpen ? this.signedIn : null;
  }

  /** The group that is joined once the joins under way are done, and while the connection comes back. */
  get groupJoined(): string | null {
    return this.commands.groupAfter(this.membership.group);
  }

  /** The longest text message that the server takes, in bytes. */
  get frameBytesMax(): number {
    return this.commands.limits.message_bytes;
  }

  /** Opens, or joins the attempt under way; during a wait for the next attempt it begins at once. */
  connect(ticket: Ticket): Effect<Ticket>[] {
    if (this.phase === 'open') {
      this.effect({ do: 'hand_socket', ticket });
      return this.taken();
    }
    this.waiters.push(ticket);
    if (this.phase === 'idle' || this.phase === 'stopped') {
      this.backoff.reset();
      this.begin();
    } else if (this.phase === 'waiting') {
      this.comeBack();
    }
    return this.taken();
  }

  /** Leaves and closes on purpose. Whatever a caller still waits for is refused. */
  close(): Effect<Ticket>[] {
    if (this.phase === 'idle' || this.phase === 'stopped') return [];
    const joining = this.commands.all().some((command) => command.kind === 'join');
    if (this.phase === 'open' && (this.membership.group !== null || joining)) this.send(encodeLeave(this.nextId()));
    this.end('idle', connectionFailed('closed'), connectionNotOpen());
    this.effect({ do: 'tell', message: closed() });
    return this.taken();
  }

  join(params: unknown, ticket: Ticket): Effect<Ticket>[] {
    return this.give(ticket, () => this.commands.addJoin(params, ticket));
  }

  post(message: unknown, recipient: unknown, notification: unknown, ticket: Ticket): Effect<Ticket>[] {
    const nowMs = this.phase === 'open' ? this.options.nowMs() : undefined;
    return this.give(ticket, () => this.commands.addPost(message, recipient, notification, ticket, this.groupJoined, nowMs));
  }

  /**
   * Asks on the open connection; after its loss again on the next one, but for what is asked `once`: that is refused. Only
   * while there is a user.
   */
  ask(op: Op, members: object, ticket: Ticket, kind: 'question' | 'once' = 'question'): Effect<Ticket>[] {
    return this.give(ticket, () => this.commands.addQuestion(kind, op, members, ticket));
  }

  /**
   * Shows the ticket a list and its changes, until unwatch().
   * @param part what knows of lists; always the same
   * @param joined the group that is meant where none is named
   */
  watch(part: ListPart, list: ListName, params: unknown, options: unknown, joined: string | null, ticket: Ticket): Effect<Ticket>[] {
    return this.tried(ticket, () => {
      const question = part.watchQuestion(list, params, options, joined);
      checkSize('params', JSON.stringify(question), this.commands.limits);
      if (this.watches === undefined) {
        this.watches = part.startWatches<Ticket>(this.nextId, this.effect);
        if (this.phase === 'open') this.watches.onOpened();
      }
      this.watches.add(list, question, ticket);
    });
  }

  unwatch(ticket: Ticket): Effect<Ticket>[] {
    this.watches?.remove(ticket);
    return this.taken();
  }

  onToken(text: string): Effect<Ticket>[] {
    this.token.replace(text);
    if (this.phase === 'fetching') {
      this.tokenIsNew = true;
      this.openSocket();
    } else if (this.phase === 'open' || this.phase === 'recovering') {
      this.renewal.onFetched();
    }
    return this.taken();
  }

  onTokenFailed(cause: unknown): Effect<Ticket>[] {
    if (this.phase === 'fetching') this.attemptFailed('token_unavailable', cause);
    else this.renewal.onFetchFailed(cause);
    return this.taken();
  }

  onOpened(): Effect<Ticket>[] {
    this.phase = 'signing_in';
    this.connectId = this.nextId();
    const token = this.token.text ?? '';
    const session = this.lastCid ?? this.options.savedCid(token);
    this.send(encodeConnect(this.connectId, token, this.options.client, session, this.streams.ofUser.position));
    this.membership.onOpened();
    return this.taken();
  }

  onText(text: string): Effect<Ticket>[] {
    this.silence.heard(this.options.nowMs());
    let objects: Incoming[];
    try {
      objects = decode(text);
    } catch {
      this.effect({ do: 'log', level: 'warn', text: 'The server sent a message that is not pipit.v1.' });
      return this.taken();
    }
    for (const object of objects) {
      if (this.phase !== 'signing_in' && this.phase !== 'recovering' && this.phase !== 'open') break;
      this.receive(object);
      if (this.phase === 'recovering' || this.phase === 'open') this.recover();
    }
    // Whoever gets what it has missed is not hanging.
    if (this.phase === 'recovering') this.effect({ do: 'arm', timer: 'attempt', afterMs: SIGN_IN_WAIT_MS });
    return this.taken();
  }

  /** @param code the close code; 1006 when the connection ended without one */
  onClosed(code: number, reason: string): Effect<Ticket>[] {
    const name = closeName(code);
    if (code === CloseCode.token_expired) this.tokenExpired(reason);
    else if (isTerminal(code)) this.stop(name, reason || `The server closed the connection: ${name}.`);
    else this.attemptFailed(name, this.phase === 'opening' ? neverOpened(this.options.url) : undefined);
    return this.taken();
  }

  onTimer(timer: TimerName): Effect<Ticket>[] {
    if (timer === 'attempt') this.attemptFailed(this.phase === 'fetching' ? 'token_unavailable' : 'timeout');
    else if (timer === 'retry') this.comeBack();
    else if (timer === 'refresh') this.renewal.begin();
    else if (timer === 'watch') this.watches?.onTimer();
    else if (timer === 'pace') this.flush();
    else if (timer === 'rejoin') this.comeBackIn();
    else this.checkSilence();
    return this.taken();
  }

  /** The network came back or somebody looks at the page: no time to wait. A draining server's time is kept. */
  onWake(): Effect<Ticket>[] {
    if (this.phase === 'waiting') this.comeBackAtOnce();
    else if (this.phase === 'open') this.probe();
    return this.taken();
  }

  private receive(object: Incoming) {
    switch (object.kind) {
      case 'heartbeat':
        return this.send(HEARTBEAT);
      case 'ok':
        return this.replied(object.id, object.ok, undefined);
      case 'error':
        return this.replied(object.id, {}, object.error);
      case 'watch':
        return this.watches?.onEvent(object);
      case 'unwatched':
        return this.watches?.onUnwatched(object.watch);
      case 'token':
        return this.renewal.onAsked();
      case 'drain':
        return this.backoff.told(object.reconnect_in_ms, this.options.nowMs());
    }
    if (isOfCall(object)) this.effect({ do: 'call', event: object });
    else if (isOfStream(object)) this.streams.onEvent(object, this.membership.group);
  }

  private replied(id: number, ok: Record<string, unknown>, error: WireError | undefined) {
    if (this.membership.isRejoin(id)) return this.rejoined(ok, error);
    if (id === this.connectId && this.phase === 'signing_in') {
      return error ? this.signInRefused(error) : this.signInAccepted(ok as unknown as ConnectOk);
    }
    if (this.renewal.onReply(id, ok, error) || this.watches?.onReply(id, ok, error)) return;
    const command = this.commands.settledBy(id, error, this.options.nowMs());
    if (command !== undefined) this.settle(command, ok, error);
    if (this.phase === 'open') this.flush();
  }

  private settle(command: Command<Ticket>, ok: Record<string, unknown>, error: WireError | undefined) {
    const { kind, ticket, id } = command;
    if (kind === 'join') {
      const { away } = this.membership;
      this.membership.onAnswer(id, ok, error);
      if (away !== null && away !== this.membership.group) this.giveUpPosts(away);
    }
    if (error) return this.rejectPost(command, refused(error));
    const message = kind === 'join' ? ok.message : 'Message sent.';
    const isAsked = kind === 'question' || kind === 'once';
    this.effect({ do: 'resolve', ticket, value: isAsked ? ok : { type: 'success', message } });
  }

  // Connecting

  private begin() {
    this.tokenIsNew = false;
    if (this.token.usable(this.options.nowMs()) !== undefined) return this.openSocket();
    if (!this.token.canRenew) return this.tokenExpired('');
    this.phase = 'fetching';
    this.effect({ do: 'arm', timer: 'attempt', afterMs: TOKEN_WAIT_MS });
    this.effect({ do: 'fetch_token' });
  }

  private openSocket() {
    this.phase = 'opening';
    this.effect({ do: 'arm', timer: 'attempt', afterMs: SIGN_IN_WAIT_MS });
    this.effect({ do: 'open_socket' });
  }

  private signInAccepted(ok: ConnectOk) {
    this.signedIn = { user_id: ok.user, cid: ok.cid };
    this.lastCid = ok.cid;
    this.phase = 'recovering';
    this.commands.limits = { ...defaultLimits, ...ok.limits };
    this.commands.outbox.pace.begin(this.commands.limits, this.options.nowMs());
    this.streams.onConnected(ok.cid, ok.stream, this.streams.ofUser.position !== undefined);
    const silenceMaxMs = ok.ping_interval_ms + ok.pong_timeout_ms;
    this.silence.begin(silenceMaxMs, this.options.nowMs());
    this.effect({ do: 'arm', timer: 'silence', afterMs: silenceMaxMs });
    this.renewal.accepted(ok.token_expires_in_ms);
  }

  private signInRefused(error: WireError) {
    if (error.reason === 'token_expired') this.tokenExpired(error.message);
    else if (error.retry) this.attemptFailed(error.reason, error);
    else this.stop(error.reason, error.message);
  }

  private rejoined(ok: StreamNews, error: WireError | undefined) {
    const lost = this.membership.onRejoined(ok, error, this.options.random());
    if (lost !== undefined) this.giveUpPosts(lost);
    if (this.phase === 'open') this.flush();
  }

  private comeBackIn() {
    this.membership.onTimer();
    this.recover();
  }

  private recover() {
    if (this.membership.recover(() => this.commands.isJoining) && this.phase === 'recovering') this.opened();
  }

  private opened() {
    this.phase = 'open';
    const recovery = this.wasOpen ? this.streams.recovery : {};
    this.wasOpen = true;
    this.backoff.opened(this.options.nowMs());
    this.effect({ do: 'disarm', timer: 'attempt' });
    this.flush();
    this.watches?.onOpened();
    this.effect({ do: 'call', event: { kind: 'up' } });
    this.effect({ do: 'tell', message: connected(recovery) });
    for (const ticket of this.waiters.splice(0)) this.effect({ do: 'hand_socket', ticket });
  }

  // Losing the connection

  /** The token in hand is of no use any more. A new one is worth an attempt at once, unless it was that one. */
  private tokenExpired(text: string) {
    const another = this.token.canRenew && !this.tokenIsNew;
    this.token.discard();
    if (!this.token.canRenew) {
      this.stop('token_expired', text || NO_TOKEN);
    } else if (another && this.phase === 'signing_in') {
      this.dropSocket(CloseCode.coming_back);
      this.begin();
    } else {
      this.attemptFailed('token_expired');
    }
  }

  private attemptFailed(reason: string, cause?: unknown) {
    const error = connectionFailed(reason, cause);
    if (!this.wasOpen) return this.end('idle', error, notConnected());
    this.dropSocket(CloseCode.coming_back);
    for (const ticket of this.waiters.splice(0)) this.effect({ do: 'reject', ticket, error });
    this.phase = 'waiting';
    const afterMs = this.backoff.lost(this.options.nowMs(), this.options.random());
    this.effect({ do: 'arm', timer: 'retry', afterMs });
  }

  private comeBackAtOnce() {
    if (!this.backoff.isTold) this.comeBack();
  }

  private comeBack() {
    this.effect({ do: 'disarm', timer: 'retry' });
    this.effect({ do: 'tell', message: reconnecting(this.backoff.attempt()) });
    this.begin();
  }

  /** The same would happen again, so it does not come back. */
  private stop(reason: string, message: string) {
    if (!this.wasOpen) {
      const cause = new PipitError('INVALID_REQUEST', message, { reason, retry: false });
      return this.end('idle', connectionFailed(reason, cause), notConnected());
    }
    this.end('stopped', connectionFailed(reason), connectionNotOpen());
    this.effect({ do: 'tell', message: failed(reason, message) });
    this.effect({ do: 'tell', message: closed() });
  }

  private end(phase: 'idle' | 'stopped', forWaiters: PipitError, forCommands: PipitError) {
    this.dropSocket(CloseCode.normal);
    this.effect({ do: 'disarm', timer: 'retry' });
    for (const ticket of this.waiters.splice(0)) this.effect({ do: 'reject', ticket, error: forWaiters });
    this.reject(this.commands.end(), forCommands);
    this.streams.end();
    this.watches?.end(forCommands, phase === 'stopped');
    this.effect({ do: 'call', event: { kind: 'gone' } });
    this.phase = phase;
    this.wasOpen = false;
    this.membership.end();
    this.lastCid = undefined;
  }

  /** @param code tells the server whether others are to learn of it at once: `normal`, or not yet: `coming_back` */
  private dropSocket(code: number) {
    if (this.phase === 'open') this.streams.onLost();
    for (const timer of ['attempt', 'silence', 'watch', 'pace', 'rejoin'] as const) this.effect({ do: 'disarm', timer });
    this.renewal.stop();
    this.watches?.onLost();
    this.effect({ do: 'call', event: { kind: 'down' } });
    this.reject(this.commands.lost(), connectionNotOpen());
    this.effect({ do: 'drop_socket', code });
  }

  /** The line may be gone unnoticed. A page cannot ping, but a refresh is always answered, and this one changes nothing. */
  private probe() {
    const asking = this.silence.ask(this.options.nowMs());
    if (asking) this.send(encodeRefresh(this.nextId(), this.token.text ?? ''));
    this.checkSilence();
  }

  private checkSilence() {
    const leftMs = this.silence.leftMs(this.options.nowMs());
    if (leftMs > 0) {
      this.effect({ do: 'arm', timer: 'silence', afterMs: leftMs });
      return;
    }
    const woken = this.silence.isAsked;
    this.attemptFailed('ping_timeout');
    if (woken) this.comeBackAtOnce();
  }

  // Sending

  /** Keeps a new command, and sends it if that can be done now; else it goes out when it can. */
  private give(ticket: Ticket, make: () => void): Effect<Ticket>[] {
    return this.tried(ticket, () => {
      make();
      if (this.phase === 'open') this.flush();
    });
  }

  private flush() {
    const { outbox } = this.commands;
    const nowMs = this.options.nowMs();
    outbox.heldGroup = this.membership.away;
    for (let command = outbox.next(nowMs); command !== undefined; command = outbox.next(nowMs)) {
      if (this.commands.isTooOld(command, nowMs)) {
        this.commands.settledBy(command.id, undefined, nowMs);
        this.rejectPost(command);
      } else {
        this.send(command.text);
      }
    }
    const afterMs = outbox.waitMs(nowMs);
    if (!outbox.isEmpty && afterMs < Infinity) this.effect({ do: 'arm', timer: 'pace', afterMs });
  }

  /** Refuses the ticket with what the call throws; without a connection, present or to come, at once. */
  private tried(ticket: Ticket, call: () => void): Effect<Ticket>[] {
    try {
      if (this.phase === 'idle') throw notConnected();
      if (this.phase === 'stopped') throw connectionNotOpen();
      call();
      return this.taken();
    } catch (error) {
      return this.refuse(ticket, error as PipitError);
    }
  }

  private refuse(ticket: Ticket, error: PipitError): Effect<Ticket>[] {
    this.effect({ do: 'reject', ticket, error });
    return this.taken();
  }

  private reject(commands: readonly Command<Ticket>[], error: PipitError) {
    for (const { ticket } of commands) this.effect({ do: 'reject', ticket, error });
  }

  /** A refusal of what may have taken effect before tells nothing of that, unless it says so. @param error none: it is too old to be sent again */
  private rejectPost({ ticket, unsureSinceMs, kind }: Command<Ticket>, error?: PipitError) {
    const isKnown = kind !== 'post' || unsureSinceMs === undefined || error?.reason === 'notification_not_kept';
    this.effect({ do: 'reject', ticket, error: error && isKnown ? error : outcomeUnknown(error) });
  }

  private giveUpPosts(group: string) {
    for (const command of this.commands.groupLost(group)) this.rejectPost(command, notJoined());
  }

  private send(text: string) {
    this.effect({ do: 'send', text });
  }

  private readonly effect = (effect: Effect<Ticket>) => {
    this.effects.push(effect);
  };

  /** Of a command that the session sends by itself, now. @param commands that it counts for */
  private readonly nextId = (commands = 1) => {
    this.commands.outbox.pace.spend(commands, this.options.nowMs());
    return this.commands.nextId();
  };

  private taken(): Effect<Ticket>[] {
    const effects = this.effects;
    this.effects = [];
    return effects;
  }
}
