// The pipit.v1 protocol as text: commands out, replies and events in. protocol/PROTOCOL.md is the reference.
import type { Recipient } from '../types.js';
import type { Op } from '../link.js';
import type { ListName, Question } from '../lists/link.js';

export const SUBPROTOCOL = 'pipit.v1';
export const ENDPOINT = '/v1/realtime';
export const HEARTBEAT = '{}';

/** What the server takes, as it told in the answer to `connect`. */
export interface Limits {
  message_bytes: number;
  commands_per_second: number;
  commands_burst: number;
  group_name_bytes: number;
  user_id_bytes: number;
  /** For how long the server remembers the keys of posts. */
  key_window_ms: number;
}

/** The server's defaults, in force until it has told its own. */
export const defaultLimits: Limits = {
  message_bytes: 65_536,
  commands_per_second: 100,
  commands_burst: 200,
  group_name_bytes: 255,
  user_id_bytes: 255,
  key_window_ms: 300_000,
};

/** In a stream: that of the last event that somebody has. */
export interface Position {
  epoch: string;
  offset: number;
}

/** What the answers to `connect` and `join` say of a stream, as far as the server says it. */
export interface StreamNews extends Partial<Position> {
  recovered?: boolean;
  replayed?: number;
  more?: boolean;
  reason?: string;
  missed?: number;
}

export interface ConnectOk {
  user: string;
  cid: string;
  resumed: boolean;
  token_expires_in_ms?: number;
  ping_interval_ms: number;
  pong_timeout_ms: number;
  limits: Partial<Limits>;
  stream?: StreamNews;
}

export interface WireError {
  code: string;
  reason: string;
  message: string;
  retry: boolean;
  retry_after_ms?: number;
  /** Of a join, null: the connection is in no group any more. */
  group?: null;
}

/** From `version` minus one to `version`: the rows of `gone` and `put` out, by name, then those of `put` in at their index. */
export interface WatchEvent {
  kind: 'watch';
  watch: string;
  version: number;
  gone: string[];
  put: [number, object][];
  endOfList: boolean;
}

/** Of calls (sections 2.9 and 2.10); what `data` holds is the other side's affair, so nothing is known of it. */
export type CallWireEvent =
  | { kind: 'ring'; call: string; user: string; cid: string; expires_in_ms: number; data: unknown }
  | { kind: 'accepted'; call: string; user: string; cid: string; ticket: string; data: unknown }
  | { kind: 'signal'; call: string; data: unknown }
  | { kind: 'peer'; call: string; state: 'away' }
  | { kind: 'peer'; call: string; state: 'here'; user: string; cid: string }
  | { kind: 'ended'; call: string; reason: string };

/** What the other side of a call has put into `data` of `call` and `accept` (section 2.11), of which anything may be wrong. */
export interface CallData {
  description?: unknown;
  /** All that the caller wants; of whoever accepts, what comes on top of that. */
  channels?: unknown;
  /** It announces its channels in band, and knows those only that are announced so. */
  in_band?: unknown;
}

/** What the sides of a call say in `data` of `signal` (section 2.11). */
export type Signal = { description: RTCSessionDescriptionInit } | { candidate: RTCIceCandidateInit | null };

/** What was sent to the group, or to the user. */
export type StreamEvent =
  | { kind: 'message'; group: string; offset: number; user: string; cid: string; data: unknown }
  | { kind: 'private'; offset?: number; user: string; cid: string; data: unknown }
  | { kind: 'notice'; group: string; offset: number; code: string; user: string; cid: string; message: string };

/** In the answer to `history`. */
export interface HistoryMessage {
  offset: number;
  user: string;
  cid: string;
  data: unknown;
  age_ms: number;
}

/** One object from the server. `unknown` is what a client must ignore. */
export type Incoming =
  | { kind: 'heartbeat' }
  | { kind: 'ok'; id: number; ok: Record<string, unknown> }
  | { kind: 'error'; id: number; error: WireError }
  | StreamEvent
  | WatchEvent
  | { kind: 'unwatched'; watch: string }
  | CallWireEvent
  | { kind: 'token'; expires_in_ms: number }
  | { kind: 'drain'; reconnect_in_ms: number }
  | { kind: 'unknown' };

const CALL_EVENTS = ['ring', 'accepted', 'signal', 'peer', 'ended'];
const STREAM_EVENTS = ['message', 'private', 'notice'];
const EVENTS = [...STREAM_EVENTS, 'watch', 'unwatched', 'token', 'drain', ...CALL_EVENTS];

export const isOfStream = (incoming: Incoming): incoming is StreamEvent => STREAM_EVENTS.includes(incoming.kind);

export const isOfCall = (incoming: Incoming): incoming is CallWireEvent => CALL_EVENTS.includes(incoming.kind);

function decodeObject(text: string): Incoming {
  const object = JSON.parse(text);
  if (typeof object !== 'object' || object === null || Array.isArray(object)) throw new SyntaxError('not an object');
  const { ev, id, ok, error, ...members } = object;
  if (ev !== undefined) return EVENTS.includes(ev) ? { ...members, kind: ev } : { kind: 'unknown' };
  if (Number.isSafeInteger(id) && ok) return { kind: 'ok', id, ok };
  if (Number.isSafeInteger(id) && error) return { kind: 'error', id, error };
  return { kind: Object.keys(object).length === 0 ? 'heartbeat' : 'unknown' };
}

export type CallOp = 'call' | 'accept' | 'signal' | 'hangup' | 'reattach' | 'ice';

/** Decodes a text message of one or more objects. Throws SyntaxError when one of them is no JSON object. */
export const decode = (text: string): Incoming[] => text.split('\n').map(decodeObject);

const encode = (id: number, op: string, members: object = {}): string => JSON.stringify({ id, op, ...members });

/**
 * @param session the cid of an earlier connection, to go on as that one
 * @param since how far the user's private messages have come
 */
export const encodeConnect = (id: number, token: string, client: string | undefined, session?: string, since?: Position): string =>
  encode(id, 'connect', { token, client, session, since });

export const encodeRefresh = (id: number, token: string): string => encode(id, 'refresh', { token });

/** @param since how far what is sent to the group has come */
export const encodeJoin = (id: number, group: string, since?: Position): string => encode(id, 'join', { group, since });

export const encodeLeave = (id: number): string => encode(id, 'leave');

/** @param data the message, and `notification`, if there is one, as JSON text already */
export function encodePost(id: number, to: Recipient, data: string, key: string, notification?: string): string {
  const push = notification === undefined ? '' : `,"notification":${notification}`;
  return `{"id":${id},"op":"post","to":${JSON.stringify(to)},"data":${data}${push},"key":${JSON.stringify(key)}}`;
}

/** Of lists, of calls, of notifications, and `ice`. */
export const encodeQuestion = (id: number, op: Op, members: object): string => encode(id, op, members);

export const encodeWatch = (id: number, list: ListName, question: Question): string => encode(id, 'watch', { list, ...question });

export const encodeUnwatch = (id: number, watch: string): string => encode(id, 'unwatch', { watch });
