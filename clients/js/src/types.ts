import type { RTCClosed, RTCIncoming } from './calls/types.js';
import type { PipitError } from './errors.js';

/** Where a post goes. A plain string is resolved by the server: the joined group if equal to it, else a user. */
export type Recipient = string | { user: string } | { group: string } | { cid: string };

/** How a notification is delivered; all of it may be left out. */
export interface NotificationConfig {
  /** Of posts only: true notifies all who are addressed, connected or not. */
  always?: boolean;
  /** For how many seconds it is of use, 0 to 2,419,200; a day when left out. */
  ttl?: number;
  /** Whether a device that saves power wakes for it; `normal` when left out. */
  urgency?: 'very-low' | 'low' | 'normal' | 'high';
  /** 1 to 32 characters of A-Z a-z 0-9 - _. Takes the place of one with the same topic that the device has not fetched yet. */
  topic?: string;
}

/** A button of a notification. */
export interface NotificationAction {
  /** Its name: what the worker and the page are told when it is clicked. */
  action: string;
  title: string;
  icon?: string;
  /** Opened by it; the notification's own when left out. */
  url?: string;
}

/**
 * A web push; `title` and `body` together at most 3,072 bytes, all but `config` at most 3,993 bytes of JSON. Members that are
 * not named here reach the service worker as well.
 */
export interface Notification {
  title: string;
  body: string;
  icon?: string;
  image?: string;
  badge?: string;
  /** The page that a click opens, or shows where it is open; from the worker's scope on if it is relative. */
  url?: string;
  actions?: NotificationAction[];
  /** Takes the place of a notification with the same tag that is still shown. */
  tag?: string;
  /** With a `tag`: makes itself noticed although it takes the place of another. */
  renotify?: boolean;
  silent?: boolean;
  /** Stays until somebody has clicked it. */
  requireInteraction?: boolean;
  /** The application's own. */
  data?: unknown;
  config?: NotificationConfig;
  [member: string]: unknown;
}

export interface SubscriptionKeys {
  p256dh: string;
  auth: string;
}

/** Where and how a browser is reached by web push. */
export interface SubscriptionParams {
  endpoint: string;
  keys: SubscriptionKeys;
  /** The key that it was made with; the server's present one when left out. A PushSubscription tells its own. */
  vapid?: string;
}

/** What a subscription can be given as. */
export type SubscriptionInput = SubscriptionParams | { params: SubscriptionParams } | PushSubscription | PushSubscriptionJSON | FormInput;

/** To end a subscription its endpoint is enough. */
export type UnsubscriptionInput = SubscriptionInput | { endpoint: string } | { params: { endpoint: string } };

/** A notification, and for whom. */
export interface PushParams extends Notification {
  /** A user, or several; everyone who has subscribed when left out. */
  user_ids?: string | string[] | null;
}

/** How far a pushNotification() has come; the numbers count subscriptions. */
export interface PushProgress {
  /** What the server calls it. */
  push: string;
  /** Subscriptions of those it is for; may still rise while `finished` is false. */
  reached: number;
  waiting: number;
  delivered: number;
  /** Ended at the push service, and deleted here. */
  gone: number;
  /** By the push service, for good. */
  refused: number;
  /** Not delivered while they were of use. */
  expired: number;
  finished: boolean;
  /** This is the last call although it is not finished: the server is not asked any more. */
  error?: PipitError;
}

export interface PushOptions {
  /**
   * Called when the server has accepted it, and then whenever the numbers have changed, until it is finished. The server is asked
   * for 10 minutes at most, and not after closeRealtime().
   */
  progress?: (progress: PushProgress) => void;
}

/** Where the service worker is. */
export interface PushWorkerOptions {
  /** Its script, on the page's own origin: `/pipit-sw.js` when left out. */
  worker?: string;
  /** Of the worker: the folder of its script when left out. */
  scope?: string;
}

export interface EnablePushOptions extends PushWorkerOptions {
  /** False never asks the user: what was not permitted before is not enabled. */
  ask?: boolean;
}

/** What `/pipit-sw.js` tells the open pages: the `data` of a `message` event of `navigator.serviceWorker`. */
export type PushWorkerMessage =
  /** A notification has come, and is shown. */
  | { type: 'pipit:push'; notification: Record<string, unknown> }
  /** It was clicked, and this window was chosen to show `url`. */
  | { type: 'pipit:click'; notification: Record<string, unknown>; action: string; url: string };

/** Something that another user sent, or the server about another user. */
export interface Delivery<Message> {
  /** `message`: to the joined group. `private`: to this user or this connection. */
  type: 'message' | 'private';
  message: Message;
  /** User id of the sender. */
  sender: string;
  /** Connection id of the sender, `cid:…`. */
  sender_cid: string;
  /** The group of a `message`; null for a `private`. */
  sender_rid: string | null;
  /** Its place among all that is sent to the group, or to this user; null for what was sent to this connection alone. */
  offset: number | null;
  code: null;
}

/** Somebody else's connection came to the joined group or went from it. */
export interface Notice {
  type: 'notice';
  /** The sentence to show. */
  message: string;
  /** The user and connection that it is about. */
  sender: string;
  sender_cid: string;
  sender_rid: string;
  /** Its place among all that is sent to the group. */
  offset: number;
  code: 'USER_JOINED' | 'USER_LEFT' | 'USER_DISCONNECTED';
}

/** Something that was sent to the group, or to this user, will not come. It stands where that would have stood. */
export interface Gap {
  type: 'gap';
  /** The sentence to show. */
  message: string;
  /** The group; null: private messages. */
  sender_rid: string | null;
  /** How many events are missing, notices included; where it is known. */
  missed?: number;
  /**
   * Why, for programs. `window`: this client was away for longer than the server remembers. `epoch`: the server has begun anew. `damaged`,
   * `unavailable`: what the server keeps on disk is damaged, or could not be read for a while. `hole`: the server has left something out. Else that of the
   * `error` by which the group is lost.
   */
  reason: string;
  sender: null;
  sender_cid: null;
  code: null;
}

/** What happened to the connection itself. */
export interface ConnectionEvent {
  /**
   * `success`: connected, also after a reconnect. `reconnect`: an attempt starts. `close`: closed on purpose or for
   * good. `error`: the connection or the group was lost for good; `reason` says why.
   */
  type: 'success' | 'reconnect' | 'close' | 'error';
  message: string;
  /** With `success` after a reconnect: nothing is lost. False: before it came a `gap`, or the group is not back yet. */
  recovered?: boolean;
  /** With `success` after a reconnect: how many messages, private ones included, have come since the loss out of what the server keeps. */
  recovered_messages?: number;
  /** With `error`: the entry of the protocol's catalogue, for programs. */
  reason?: string;
  sender: null;
  sender_cid: null;
  sender_rid: null;
  code: null;
}

export type WebSocketMessage<Message = unknown> = Delivery<Message> | Notice | Gap | ConnectionEvent | RTCIncoming | RTCClosed;

export type RealtimeCallback<Message = unknown> = (message: WebSocketMessage<Message>) => void;

/** Who is signed in on the open connection. */
export interface User {
  user_id: string;
  cid: string;
}

export interface Success {
  type: 'success';
  message: string;
}

/** What a form-taking call accepts. */
export type FormInput = SubmitEvent | HTMLFormElement | FormData;

export interface JoinParams {
  /** Missing, empty or null leaves the group. */
  group?: string | null;
}

export interface GroupRow {
  group: string;
  /** Users, not their connections. */
  number_of_users: number;
}

/** One connection in a group: a user with three has three rows. */
export interface UserRow {
  user_id: string;
  cid: string;
}

/** Which groups are listed; without anything all by name. Groups with nobody in them do not exist. */
export interface GroupsParams {
  /** What is compared and decides the order: the name (default), or the number, then the name. */
  searchFor?: 'group' | 'number_of_users';
  /** A name of at most 255 bytes, or a number. Needs `searchFor`. */
  value?: string | number;
  /** `=` when left out. On names `>=` means "starts with", the others compare by code point. Needs `value`. */
  condition?: '>' | '>=' | '=' | '<' | '<=' | '!=' | 'gt' | 'gte' | 'eq' | 'lt' | 'lte' | 'ne';
  /** Everything from `value` to this, both included. Of the type of `value`; not together with `condition`. */
  range?: string | number;
}

export interface UsersParams {
  /** The joined group when left out. */
  group?: string;
  /** Shows this user's connections only. */
  user_id?: string;
}

/** A place in what is sent to a group. Of use only as it is: as `before`. */
export interface HistoryPosition {
  epoch: string;
  offset: number;
}

export interface HistoryParams {
  /** The joined group when left out. The user must be in it. */
  group?: string;
  /** Rows of the answer, as `limit` of the fetchOptions. */
  limit?: number;
  /** What is older than that: the `startKey` of an answer. The newest when left out. */
  before?: HistoryPosition | object | 'end';
}

/** A message that was sent to a group. */
export interface HistoryRow<Message = unknown> {
  message: Message;
  /** User id of the sender. */
  sender: string;
  sender_cid: string;
  /** The group. */
  sender_rid: string;
  /** As that of the `message` event. */
  offset: number;
  /** In ms since 1970, by the clock of this machine. */
  sent_at: number;
}

/** Posts that wait to be sent. */
export interface OutboxOptions {
  /** 1,000 when left out. */
  posts_max?: number;
  /** 1 MiB when left out. */
  bytes_max?: number;
}

export interface Progress {
  status: 'success';
  /** Rows that this call has so far. */
  loaded: number;
  /** Rows that it asked for; the list may have fewer. */
  total: number;
}

export interface FetchOptions {
  /** Rows of the answer, 1 to 1000; 50 when left out. The answer has fewer only at the end of the list. */
  limit?: number;
  /**
   * True goes on after the last page that this client fetched for the same query, or begins if there was none; after the
   * end the answer is empty. False, or left out, begins anew. The same query: the same params and `ascending`.
   */
  fetchMore?: boolean;
  /** False turns the order round. */
  ascending?: boolean;
  /** Goes on after that page, whoever fetched it; in place of `fetchMore`. */
  startKey?: object | 'end';
  /** Called for each message of rows that arrives: the server may give a page in several. */
  progress?: (progress: Progress) => void;
}

/** A page of a list. */
export interface DatabaseResponse<Row> {
  list: Row[];
  /** Where the next page begins; `end` when there is none. */
  startKey: object | 'end';
  endOfList: boolean;
  /**
   * Where the pages of this walk begin, in order, as JSON text: the given startKey, if the walk began with one, then the
   * startKey of each page, the last of them `end` when the end was reached. Going on from a startKey that is among them
   * forgets those after it; from any other a new walk begins. Of a walk of more than 1,000 pages the newest 1,000.
   */
  startKeyHistory: string[];
}

export interface WatchOptions {
  /** Rows that are watched, from the begin of the list, 1 to 200; 50 when left out. */
  limit?: number;
  /** False turns the order round. */
  ascending?: boolean;
}

/** What a watched list is now, and what is different from the call before. */
export interface ListChange<Row> {
  /** All rows, in order; an array of the callback's own. */
  list: Row[];
  /** At the first call all rows. */
  added: Row[];
  /** As they were before. */
  removed: Row[];
  /** As they are now: the same group with another number. Rows that only moved are not among them. */
  changed: Row[];
  /** There are no more rows than these. */
  endOfList: boolean;
  /** The watch has ended: this is the last call, and the list stays as it was. */
  error?: PipitError;
}

export type WatchCallback<Row> = (change: ListChange<Row>) => void;

/** A list that is kept up to date. */
export interface Watch {
  /** Ends it: the callback is not called any more. May be called again. */
  stop(): void;
}

/** The part of the browser's WebSocket that the client uses. */
export interface WebSocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike;

/** `error`: something that the application has asked for cannot be done, and nobody else is told. */
export type LogLevel = 'debug' | 'warn' | 'error';

export interface PipitOptions {
  /**
   * Server as `http(s)://` or `ws(s)://` origin, or the full address of its endpoint. A browser may leave it out: then it
   * is the origin that `pipit.js` came from, or the page's.
   */
  url?: string;
  /**
   * Gives a signed token of the user. Called before a connection attempt when there is no usable token, and to renew the
   * token on the open connection. It has 30 s: after that the attempt has failed, and a renewal calls it again; what the
   * earlier call still gives is not used.
   */
  getToken?: () => Promise<string> | string;
  /** A token to begin with. Without `getToken` the connection ends for good when it runs out. */
  token?: string;
  /**
   * How many posts may wait, for a connection that was lost and comes back or for the server's limit on commands. One more is refused with
   * INVALID_REQUEST and the reason `outbox_full`.
   */
  outbox?: OutboxOptions;
  /** In place of the global WebSocket. */
  WebSocket?: WebSocketClass;
  /** Gets what a developer may want to know; the client itself never prints. */
  onlog?: (level: LogLevel, text: string) => void;
}
