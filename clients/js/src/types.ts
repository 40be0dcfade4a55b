/** Where a post goes. A plain string is resolved by the server: the joined group if equal to it, else a user. */
export type Recipient = string | { user: string } | { group: string } | { cid: string };

/** A web push that goes with a post; `title` and `body` together at most 3,072 bytes. */
export interface Notification {
  title: string;
  body: string;
  config?: { always: boolean };
}

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
  code: 'USER_JOINED' | 'USER_LEFT' | 'USER_DISCONNECTED';
}

/** What happened to the connection itself. */
export interface ConnectionEvent {
  /**
   * `success`: connected, also after a reconnect. `reconnect`: an attempt starts. `close`: closed on purpose or for
   * good. `error`: the connection or the group was lost for good; `reason` says why.
   */
  type: 'success' | 'reconnect' | 'close' | 'error';
  message: string;
  /** With `error`: the entry of the protocol's catalogue, for programs. */
  reason?: string;
  sender: null;
  sender_cid: null;
  sender_rid: null;
  code: null;
}

export type WebSocketMessage<Message = unknown> = Delivery<Message> | Notice | ConnectionEvent;

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

export type LogLevel = 'debug' | 'warn';

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
  /** In place of the global WebSocket. */
  WebSocket?: WebSocketClass;
  /** Gets what a developer may want to know; the client itself never prints. */
  onlog?: (level: LogLevel, text: string) => void;
}
