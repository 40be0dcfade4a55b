import { Calling } from './calling.js';
import type { CloseRTCParams, ConnectRTCParams, RTCCallback, RTCConnector } from './calls/types.js';
import { Session } from './core/session.js';
import { callbackMissing, invalidParameter, refused } from './errors.js';
import { readForm } from './forms.js';
import { httpToken } from './http_token.js';
import type { AskLink, AskingModule, HttpAsker, HttpLink } from './link.js';
import type { ListName, ListPart, PageName } from './lists/link.js';
import { Part } from './part.js';
import type { PushPart } from './push/link.js';
import { SavedSession } from './resume.js';
import { Runner } from './runner.js';
import type { Ticket } from './runner.js';
import { surroundings } from './surroundings.js';
import type { Surroundings } from './surroundings.js';
import type {
  DatabaseResponse,
  EnablePushOptions,
  FetchOptions,
  FormInput,
  GroupRow,
  GroupsParams,
  HistoryParams,
  HistoryRow,
  JoinParams,
  ListChange,
  LogLevel,
  Notification,
  OutboxOptions,
  PipitOptions,
  PushOptions,
  PushParams,
  PushWorkerOptions,
  RealtimeCallback,
  Recipient,
  SubscriptionInput,
  SubscriptionKeys,
  Success,
  UnsubscriptionInput,
  User,
  UserRow,
  UsersParams,
  Watch,
  WatchCallback,
  WatchOptions,
  WebSocketMessage,
} from './types.js';
import { toSocketUrl } from './url.js';
import { watchWakeUps } from './wake.js';

declare const PIPIT_VERSION: string;

function checkOutbox({ posts_max = 1_000, bytes_max = 1_048_576 }: OutboxOptions = {}): Required<OutboxOptions> {
  if (posts_max >= 0 && bytes_max >= 0) return { posts_max, bytes_max };
  throw invalidParameter('"outbox" must have numbers of 0 or more.');
}

/**
 * One signed-in user's realtime connection. `Message` is the type of what the application's users send each other.
 *
 * Every call that fails rejects with a PipitError.
 */
export class Pipit<Message = unknown> {
  private readonly session: Session<Ticket>;
  private readonly runner: Runner;
  /** Once a part is there that asks. */
  private http: HttpAsker | undefined;
  private readonly saved: SavedSession;
  private readonly calls: Calling;
  private readonly lists: Part<AskingModule<ListPart>, ListPart>;
  private readonly push: Part<AskingModule<PushPart>, PushPart>;
  private callback: RealtimeCallback<Message> = () => {};
  /** What ends the listening to the page's events. */
  private pageWatches: (() => void)[] = [];

  /** Throws PipitError INVALID_PARAMETER. @param around for tests */
  constructor(
    options: PipitOptions,
    private readonly around: Surroundings = surroundings,
  ) {
    const { getToken, token } = options;
    const url = options.url ?? around.origin;
    const WebSocketClass = options.WebSocket ?? globalThis.WebSocket;
    if (url === undefined) throw invalidParameter('"url" must be given: the server\'s address.');
    if (getToken === undefined && token === undefined) throw invalidParameter('"getToken" or "token" must be given.');
    if (getToken !== undefined && typeof getToken !== 'function') throw invalidParameter('"getToken" must be a function.');
    if (WebSocketClass === undefined) throw invalidParameter('"WebSocket" must be given: there is no global one.');
    const socketUrl = toSocketUrl(url);
    this.saved = new SavedSession(socketUrl, around);
    this.session = new Session<Ticket>({
      url: socketUrl,
      token,
      canFetchToken: getToken !== undefined,
      client: `pipit-js/${PIPIT_VERSION}`,
      keyPrefix: around.keyPrefix(),
      outbox: checkOutbox(options.outbox),
      savedCid: (text) => this.saved.find(text),
      nowMs: around.nowMs,
      random: around.random,
    });
    const { loadParts, nowMs, schedule, httpFetch: fetch } = around;
    const tell = (message: WebSocketMessage) => this.callOut(() => this.callback(message as WebSocketMessage<Message>));
    const log = (level: LogLevel, text: string) => this.callOut(() => options.onlog?.(level, text));
    this.runner = new Runner(this.session, {
      url: socketUrl,
      WebSocket: WebSocketClass,
      getToken,
      tell,
      call: (event) => this.calls.onEvent(event),
      log,
      schedule,
    });
    this.calls = new Calling(loadParts.calls, {
      tell,
      log,
      toError: refused,
      isOpen: () => this.user !== null,
      command: (op, members, resolve, reject) => this.runner.run(this.session.ask(op, members, { resolve, reject }, 'once')),
    });
    const asking: AskLink & HttpLink = {
      ...httpToken(this.session.token, getToken, nowMs, schedule),
      socketUrl,
      fetch,
      ask: async (op, members, request, once) => {
        if (this.user === null) return this.http!.ask(request());
        return this.ask((ticket) => this.session.ask(op, members, ticket, once ? 'once' : 'question'));
      },
      userId: () => this.user?.user_id,
      wallMs: around.wallMs,
      wait: (ms) => new Promise((resolve) => void schedule.setTimer(resolve, ms)),
      callOut: (call) => this.callOut(call),
      log,
    };
    const startAsking = <Api>({ start, startHttp }: AskingModule<Api>): Api => {
      this.http ??= startHttp(asking);
      return start(asking);
    };
    this.lists = new Part('Lists', loadParts.lists, startAsking<ListPart>);
    this.push = new Part('Notifications', loadParts.push, startAsking<PushPart>);
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
    if (this.pageWatches.length === 0) {
      const wake = () => this.runner.run(this.session.onWake());
      this.pageWatches = [watchWakeUps(wake), this.saved.watchPage(() => this.session.resumable)];
    }
    const socket = await this.ask<WebSocket>((ticket) => this.session.connect(ticket));
    this.saved.forget();
    return socket;
  }

  /**
   * Leaves the group and closes; what is still waited for is refused, and all watches end without a word. Resolves when the
   * server has confirmed it, after 2 s at the latest; at once without a connection.
   */
  async closeRealtime(): Promise<void> {
    for (const end of this.pageWatches.splice(0)) end();
    this.calls.onEvent({ kind: 'leaving' });
    this.push.api?.stop();
    this.runner.run(this.session.close());
    await this.runner.closed();
  }

  /**
   * Joins a group, and leaves the one before it; without a group only leaves. Kept across a reconnect. When it rejects, this client stays in the group that it
   * was in.
   */
  async joinRealtime(params?: JoinParams | FormInput | null): Promise<Success> {
    return this.submit(params, (data) => this.ask((ticket) => this.session.join(data, ticket)));
  }

  /**
   * Sends any JSON value; resolves when the server has accepted it.
   *
   * A post that is made while a lost connection comes back, or whose answer is lost with it, is sent once that is back, in order, and takes effect once. Too
   * many that wait reject with INVALID_REQUEST and the reason `outbox_full`. With ERROR and the reason `outcome_unknown` rejects what may have been sent or not, when that
   * cannot be learned any more.
   *
   * A `notification` is pushed to those addressed who have no open connection, or with `config.always` to all of them. It is written
   * down when the promise resolves. When it could not be, the call rejects with the reason `notification_not_kept`, and
   * the message was sent all the same.
   */
  async postRealtime(message: Message | FormInput, recipient: Recipient, notification?: Notification | null): Promise<Success> {
    return this.submit(message, (data) => this.ask((ticket) => this.session.post(data, recipient, notification, ticket)));
  }

  /**
   * A page of the groups that have somebody in them. Over the open connection, else over HTTP, which needs no
   * connectRealtime(). In a form an empty field counts as left out.
   *
   * Rejects with INVALID_PARAMETER naming a wrong argument, with INVALID_REQUEST when the server's settings do not permit the
   * caller to see it, and with ERROR when the server cannot be asked. Over HTTP the server is given 30 s for each
   * message of rows; a question that is lost with the connection is asked again after the reconnect.
   */
  async getRealtimeGroups(
    params?: GroupsParams | FormInput | null,
    fetchOptions?: FetchOptions | null,
  ): Promise<DatabaseResponse<GroupRow>> {
    return this.fetchList('groups', params, fetchOptions) as Promise<DatabaseResponse<GroupRow>>;
  }

  /**
   * A page of the connections in a group, by user id; one that does not exist has none. Without `group` the joined one, and
   * INVALID_REQUEST when there is none. All else as getRealtimeGroups().
   */
  async getRealtimeUsers(
    params?: UsersParams | FormInput | null,
    fetchOptions?: FetchOptions | null,
  ): Promise<DatabaseResponse<UserRow>> {
    return this.fetchList('users', params, fetchOptions) as Promise<DatabaseResponse<UserRow>>;
  }

  /**
   * What was last said in a group that the user is in, as far as the server keeps it: a page of its messages, the oldest first. Without `group` that of
   * the joined one. The page before it is got with `fetchMore`, or with its startKey as `before`. Notices are not among them, and `ascending` is not
   * possible. All else as getRealtimeGroups().
   */
  async getRealtimeHistory(
    params?: HistoryParams | FormInput | null,
    fetchOptions?: FetchOptions | null,
  ): Promise<DatabaseResponse<HistoryRow<Message>>> {
    return this.fetchList('history', params, fetchOptions) as Promise<DatabaseResponse<HistoryRow<Message>>>;
  }

  /**
   * Calls back with the first rows of the list of groups, and again whenever they have changed, until the watch is stopped.
   * The first call comes before the promise resolves. Changes of about a quarter of a second come together.
   *
   * After a reconnect, and when the caller's permissions have changed, the list is asked for again, and the callback called
   * only if something is different. When it cannot be had any more, the last call has `error`. A connection has 8 watches at
   * most (a setting of the server); those of the same question count once.
   *
   * Rejects like getRealtimeGroups(), and with INVALID_REQUEST without connectRealtime() before. closeRealtime() ends it.
   */
  async watchRealtimeGroups(
    params: GroupsParams | null | undefined,
    callback: WatchCallback<GroupRow>,
    options?: WatchOptions | null,
  ): Promise<Watch> {
    return this.watch('groups', params, callback, options);
  }

  /**
   * As watchRealtimeGroups(), with the connections in a group. Without `group` that which is joined now, also when another is
   * joined later.
   */
  async watchRealtimeUsers(
    params: UsersParams | null | undefined,
    callback: WatchCallback<UserRow>,
    options?: WatchOptions | null,
  ): Promise<Watch> {
    return this.watch('users', params, callback, options);
  }

  /**
   * Calls one connection, or with `user` every device of that user, of which the first to accept has the call. Resolves when it
   * rings there; `connection` says whether it is accepted. Whoever is just ringing here is answered instead of called.
   *
   * Rejects with INVALID_PARAMETER naming a wrong argument; with DEVICE_NOT_FOUND; with INVALID_REQUEST without connectRealtime()
   * before, for two channels of the same protocol, where media are not allowed, and where the server does not permit it; with
   * NOT_EXISTS when nobody is there; with ERROR for all else. Nothing is left of a call that did not come about.
   *
   * A call goes on while the connection to the server is lost and comes back, and over a change of the network. It is over
   * when the other side has been out of reach for 30 s.
   * @param callback gets the events of the RTCPeerConnection and of its channels
   */
  async connectRTC(params: ConnectRTCParams, callback?: RTCCallback): Promise<RTCConnector> {
    return (await this.calls.get()).connect(params, callback);
  }

  /** Hangs up the calls with a connection or a user, ringing ones included; without either all calls. */
  async closeRTC(params?: CloseRTCParams | null): Promise<void> {
    (await this.calls.loading)?.close(params);
  }

  /** The key to subscribe with, ready for `pushManager.subscribe()`. Over the open connection, else over HTTP, as all that follows. */
  async vapidPublicKey(): Promise<{ VAPIDPublicKey: string }> {
    return (await this.push.get()).vapidPublicKey();
  }

  /**
   * Makes a browser's subscription one of this user: `{ endpoint, keys }`, that inside `{ params }`, `(endpoint, keys)`, a
   * PushSubscription or a form. There is one per endpoint, and it belongs to whoever subscribed last. enablePush() does all of it.
   *
   * Rejects with INVALID_PARAMETER naming a wrong argument, and with INVALID_REQUEST for one that was made with another key, and
   * where the server sends no notifications.
   */
  async subscribeNotification(
    subscription: SubscriptionInput | string,
    keys?: SubscriptionKeys,
  ): Promise<'SUCCESS: Subscribed to receive notifications.'> {
    return this.submit(subscription, async (data) => (await this.push.get()).subscribe(data, keys) as Promise<never>);
  }

  /** Ends it. The same forms; `keys` may be left out. Resolves also when there is no such subscription of this user. */
  async unsubscribeNotification(
    subscription: UnsubscriptionInput | string,
    _keys?: SubscriptionKeys,
  ): Promise<'SUCCESS: Unsubscribed from notifications.'> {
    return this.submit(subscription, async (data) => (await this.push.get()).unsubscribe(data) as Promise<never>);
  }

  /**
   * Notifies a user, a list of them, or without any everyone who has subscribed, connected or not. For admins. Takes
   * `({ title, body }, user_ids?)`, `{ title, body, user_ids }`, that inside `{ params }`, or a form, in which an empty field
   * counts as left out. Resolves when the server has written it down.
   *
   * Rejects with INVALID_PARAMETER naming a wrong argument, with INVALID_REQUEST for who is no admin, and with ERROR when too much
   * is on its way already. It is not sent again when its answer is lost with the connection: then it rejects with the
   * reason `not_open`, and may have been sent.
   */
  async pushNotification(
    notification: PushParams | { params: PushParams } | FormInput,
    user_ids?: string | string[] | null,
    options?: PushOptions | null,
  ): Promise<'SUCCESS: Notification sent.'> {
    return this.submit(
      notification,
      async (data, form) => (await this.push.get()).push(data, user_ids, options, form) as Promise<never>,
    );
  }

  /**
   * Makes this browser receive this user's notifications: asks for the permission, registers the service worker, subscribes it
   * and tells the server. Call it in a click, or the browser may not ask; and, with `ask: false`, whenever the page is loaded: where
   * all is as it should be nothing changes, and what was lost, or made with an earlier key, is made anew.
   *
   * Resolves with the browser's subscription; with null only if `ask` is false and the user has not permitted it. Rejects with the
   * reasons `insecure_page`, `not_on_home_screen` (on an iPhone or iPad), `no_push` (not possible here), `permission_denied`,
   * `permission_dismissed`, `worker_failed` and `subscribe_failed`, and as subscribeNotification().
   */
  async enablePush(options?: EnablePushOptions | null): Promise<PushSubscription | null> {
    // A browser asks in the click itself only, so before the part is there, and only where the rest can follow.
    const asks = options?.ask !== false && globalThis.PushManager;
    const [part, permission] = await Promise.all([this.push.get(), asks ? globalThis.Notification?.requestPermission() : undefined]);
    return part.enable(options, permission);
  }

  /**
   * Undoes it: this browser gets no more notifications of this user. The permission and the service worker stay. Takes what
   * enablePush() was given for `worker` and `scope`.
   */
  async disablePush(options?: PushWorkerOptions | null): Promise<void> {
    return (await this.push.get()).disable(options);
  }

  private fetchList(list: PageName, input: unknown, fetchOptions: unknown): Promise<DatabaseResponse<object>> {
    const { groupJoined } = this.session;
    return this.submit(input, async (data, form) => (await this.lists.get()).fetch(list, data, form, fetchOptions, groupJoined));
  }

  private async watch<Row>(list: ListName, params: unknown, callback: WatchCallback<Row>, options: unknown): Promise<Watch> {
    if (typeof callback !== 'function') throw callbackMissing();
    const { groupJoined } = this.session;
    const part = await this.lists.get();
    return new Promise((resolve, reject) => {
      let stopped = false;
      // A change may be on its way from the session to the callback already.
      const show = (change: ListChange<Row>) => stopped || this.callOut(() => callback(change));
      const stop = () => {
        stopped = true;
        this.runner.run(this.session.unwatch(ticket));
      };
      const ticket: Ticket = { resolve: () => resolve({ stop }), reject, show };
      this.runner.run(this.session.watch(part, list, params, options, groupJoined, ticket));
    });
  }

  /** Makes a call with what a form holds and the form, or with the input itself if it is none. */
  private async submit<Answer>(input: unknown, call: (data: unknown, form: unknown) => Promise<Answer>): Promise<Answer> {
    const form = readForm(input);
    const answer = await call(form ? form.data : input, form && input);
    if (form?.action) location.assign(form.action);
    return answer;
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
