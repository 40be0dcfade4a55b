import type { CallEvent } from './calls/link.js';
import { CloseCode } from './codes.js';
import { toFrames } from './core/batch.js';
import type { Effect, TimerName } from './core/effects.js';
import type { Session } from './core/session.js';
import { tokenFrom } from './core/token.js';
import type { GetToken } from './core/token.js';
import { SUBPROTOCOL } from './core/wire.js';
import type { ListChange, LogLevel, WebSocketClass, WebSocketLike, WebSocketMessage } from './types.js';

/** The close code of a connection that ended without one. */
const ABNORMAL = 1006;
/** The server confirms a closing at once; one that cannot be reached is not waited for. */
const CLOSE_WAIT_MS = 2_000;

/** A caller's promise. */
export interface Ticket {
  resolve: (value: any) => void;
  reject: (error: Error) => void;
  /** Of a watch only. */
  show?: (change: ListChange<any>) => void;
}

/** Timers and the order of things; the tests move them by hand. */
export interface Schedule {
  setTimer(callback: () => void, afterMs: number): unknown;
  clearTimer(timer: unknown): void;
  /** After the caller's turn. */
  soon(callback: () => void): void;
}

export interface RunnerOptions {
  url: string;
  WebSocket: WebSocketClass;
  getToken: GetToken | undefined;
  tell: (message: WebSocketMessage) => void;
  call: (event: CallEvent) => void;
  log: (level: LogLevel, text: string) => void;
  schedule: Schedule;
}

/** Performs the effects of a session on a real socket, timers and promises, and brings back what comes of them. */
export class Runner {
  private socket: WebSocketLike | undefined;
  private outgoing: string[] = [];
  private readonly timers = new Map<TimerName, unknown>();
  private tokenFetches = 0;
  private readonly effects: Effect<Ticket>[] = [];
  private running = false;
  /** Resolves when the server has confirmed the last closing that is not to be followed by another connection. */
  private closing: Promise<void> = Promise.resolve();

  constructor(
    private readonly session: Session<Ticket>,
    private readonly options: RunnerOptions,
  ) {}

  /** An application's callback may call back in; what comes of that is performed after what is under way. */
  run(effects: Effect<Ticket>[]) {
    this.effects.push(...effects);
    if (this.running) return;
    this.running = true;
    try {
      for (let effect = this.effects.shift(); effect !== undefined; effect = this.effects.shift()) this.perform(effect);
    } finally {
      this.running = false;
    }
  }

  /** Resolves when a closing that is under way is confirmed, or after 2 s. */
  async closed(): Promise<void> {
    // Within a callback what was given to run() is performed only when that has returned.
    await undefined;
    let timer: unknown;
    const late = new Promise<void>((resolve) => (timer = this.options.schedule.setTimer(resolve, CLOSE_WAIT_MS)));
    await Promise.race([this.closing, late]);
    this.options.schedule.clearTimer(timer);
  }

  private perform(effect: Effect<Ticket>) {
    const { options } = this;
    switch (effect.do) {
      case 'fetch_token':
        return this.fetchToken();
      case 'open_socket':
        return this.openSocket();
      case 'send':
        if (this.outgoing.push(effect.text) === 1) options.schedule.soon(() => this.flush());
        return;
      case 'drop_socket':
        return this.dropSocket(effect.code);
      case 'arm':
        this.disarm(effect.timer);
        this.timers.set(effect.timer, options.schedule.setTimer(() => this.onTimer(effect.timer), effect.afterMs));
        return;
      case 'disarm':
        return this.disarm(effect.timer);
      case 'tell':
        return options.tell(effect.message);
      case 'hand_socket':
        return effect.ticket.resolve(this.socket);
      case 'resolve':
        return effect.ticket.resolve(effect.value);
      case 'reject':
        return effect.ticket.reject(effect.error);
      case 'show':
        return effect.ticket.show?.(effect.change);
      case 'call':
        return options.call(effect.event);
      case 'log':
        return options.log(effect.level, effect.text);
    }
  }

  private fetchToken() {
    const fetch = ++this.tokenFetches;
    const { getToken } = this.options;
    const came = (effects: () => Effect<Ticket>[]) => {
      if (fetch === this.tokenFetches) this.run(effects());
    };
    tokenFrom(getToken!).then(
      (token) => came(() => this.session.onToken(token)),
      (error) => came(() => this.session.onTokenFailed(error)),
    );
  }

  private openSocket() {
    let socket: WebSocketLike;
    try {
      socket = new this.options.WebSocket(this.options.url, [SUBPROTOCOL]);
    } catch (error) {
      this.options.log('warn', `The WebSocket could not be made: ${error}`);
      return this.run(this.session.onClosed(ABNORMAL, ''));
    }
    this.socket = socket;
    socket.onopen = () => this.run(this.session.onOpened());
    socket.onmessage = (event) => this.run(this.session.onText(String(event.data)));
    socket.onclose = (event) => {
      this.forget();
      this.run(this.session.onClosed(event.code, event.reason));
    };
    // The close event follows and tells more.
    socket.onerror = () => {};
  }

  private dropSocket(code: number) {
    this.tokenFetches += 1;
    const { socket, outgoing } = this;
    this.forget();
    if (socket === undefined) return;
    this.sent(socket, outgoing);
    this.closing = new Promise((resolve) => {
      socket.onclose = () => resolve();
      if (!this.tried(() => socket.close(code)) || code !== CloseCode.normal) resolve();
    });
  }

  private forget() {
    this.outgoing = [];
    if (this.socket === undefined) return;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket = undefined;
  }

  private flush() {
    const { socket, outgoing } = this;
    this.outgoing = [];
    if (socket === undefined || this.sent(socket, outgoing)) return;
    this.dropSocket(CloseCode.coming_back);
    this.run(this.session.onClosed(ABNORMAL, ''));
  }

  private sent(socket: WebSocketLike, commands: string[]): boolean {
    return this.tried(() => toFrames(commands, this.session.frameBytesMax).forEach((frame) => socket.send(frame)));
  }

  /** Calls a socket, which may be the application's own and throw. */
  private tried(call: () => void): boolean {
    try {
      call();
      return true;
    } catch (error) {
      this.options.log('warn', `The WebSocket threw: ${error}`);
      return false;
    }
  }

  private onTimer(timer: TimerName) {
    this.timers.delete(timer);
    this.run(this.session.onTimer(timer));
  }

  private disarm(timer: TimerName) {
    this.options.schedule.clearTimer(this.timers.get(timer));
    this.timers.delete(timer);
  }
}
