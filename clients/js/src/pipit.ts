import { Session } from './core/session.js';
import { callbackMissing, invalidParameter } from './errors.js';
import { readForm } from './forms.js';
import { Runner } from './runner.js';
import type { Ticket } from './runner.js';
import { surroundings } from './surroundings.js';
import type { Surroundings } from './surroundings.js';
import type {
  FormInput,
  JoinParams,
  Notification,
  PipitOptions,
  RealtimeCallback,
  Recipient,
  Success,
  User,
  WebSocketMessage,
} from './types.js';
import { toSocketUrl } from './url.js';
import { watchWakeUps } from './wake.js';

declare const PIPIT_VERSION: string;

/**
 * One signed-in user's realtime connection. `Message` is the type of what the application's users send each other.
 *
 * Every call that fails rejects with a PipitError.
 */
export class Pipit<Message = unknown> {
  private readonly session: Session<Ticket>;
  private readonly runner: Runner;
  private callback: RealtimeCallback<Message> = () => {};
  private unwatch: (() => void) | undefined;

  /** Throws PipitError INVALID_PARAMETER. @param around for tests */
  constructor(
    options: PipitOptions,
    private readonly around: Surroundings = surroundings,
  ) {
    const { getToken, token } = options;
    const url = options.url ?? around.origin;
    const WebSocketClass = options.WebSocket ?? globalThis.WebSocket;
    if (url === undefined) throw invalidParameter('"url" is needed here: the server\'s address.');
    if (getToken === undefined && token === undefined) throw invalidParameter('"getToken" or "token" must be given.');
    if (getToken !== undefined && typeof getToken !== 'function') throw invalidParameter('"getToken" must be a function.');
    if (WebSocketClass === undefined) throw invalidParameter('"WebSocket" is needed here: there is no global one.');
    this.session = new Session<Ticket>({
      token,
      canFetchToken: getToken !== undefined,
      client: `pipit-js/${PIPIT_VERSION}`,
      keyPrefix: around.keyPrefix(),
      nowMs: around.nowMs,
      random: around.random,
    });
    this.runner = new Runner(this.session, {
      url: toSocketUrl(url),
      WebSocket: WebSocketClass,
      getToken,
      tell: (message) => this.callOut(() => this.callback(message as WebSocketMessage<Message>)),
      log: (level, text) => this.callOut(() => options.onlog?.(level, text)),
      schedule: around.schedule,
    });
  }

  /** The signed-in user and its connection; null while the connection is not open. */
  get user(): User | null {
    return this.session.user;
  }

  /**
   * Opens the connection and resolves with its WebSocket once signed in. While it is open, resolves with the same one and
   * replaces the callback; calls at the same time share one attempt.
   *
   * A connection that is lost comes back by itself, for ever, until closeRealtime() or until the server says not to.
   */
  async connectRealtime(callback: RealtimeCallback<Message>): Promise<WebSocket> {
    if (typeof callback !== 'function') throw callbackMissing();
    this.callback = callback;
    this.unwatch ??= watchWakeUps(() => this.runner.run(this.session.onWake()));
    return this.ask<WebSocket>((ticket) => this.session.connect(ticket));
  }

  /** Leaves the group and closes; what is still waited for is refused. Does nothing without a connection. */
  async closeRealtime(): Promise<void> {
    this.unwatch?.();
    this.unwatch = undefined;
    this.runner.run(this.session.close());
  }

  /** Joins a group, and leaves the one before it; without a group only leaves. Kept across a reconnect. */
  async joinRealtime(params?: JoinParams | FormInput | null): Promise<Success> {
    return this.submit(params, (data, ticket) => this.session.join(data, ticket));
  }

  /**
   * Sends any JSON value; resolves when the server has accepted it.
   *
   * A post whose answer is lost with the connection is sent again after the reconnect, under the same `key`. A server that
   * does not look at keys yet may so deliver it twice.
   * @param notification checked, but not sent: the server sends no notifications yet
   */
  async postRealtime(message: Message | FormInput, recipient: Recipient, notification?: Notification | null): Promise<Success> {
    return this.submit(message, (data, ticket) => this.session.post(data, recipient, notification, ticket));
  }

  /** Makes a call with what a form holds, or with the input itself if it is no form. */
  private async submit(
    input: unknown,
    call: (data: unknown, ticket: Ticket) => ReturnType<Session<Ticket>['join']>,
  ): Promise<Success> {
    const form = readForm(input);
    const success = await this.ask<Success>((ticket) => call(form ? form.data : input, ticket));
    if (form?.action) location.assign(form.action);
    return success;
  }

  private ask<Answer>(call: (ticket: Ticket) => ReturnType<Session<Ticket>['connect']>): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => this.runner.run(call({ resolve, reject })));
  }

  /** Calls what the application gave. */
  private callOut(call: () => void) {
    try {
      call();
    } catch (error) {
      this.around.report(error);
    }
  }
}
