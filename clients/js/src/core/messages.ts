// What the application's callback gets.
import type { ConnectionEvent, Gap, WebSocketMessage } from '../types.js';
import type { Loss } from './stream.js';
import type { StreamEvent } from './wire.js';

export function toMessage(event: StreamEvent): WebSocketMessage {
  const { kind, offset = null } = event;
  return {
    type: kind,
    message: kind === 'notice' ? event.message : event.data,
    sender: event.user,
    sender_cid: event.cid,
    sender_rid: kind === 'private' ? null : event.group,
    offset,
    code: kind === 'notice' ? event.code : null,
  } as WebSocketMessage;
}

function connectionEvent<const Type>(type: Type, message: string) {
  return { type, message, sender: null, sender_cid: null, sender_rid: null, code: null };
}

/** @param group null: private messages */
export function gap(group: string | null, loss: Loss): Gap {
  const what = group === null ? 'Private messages' : `Messages to the group "${group}"`;
  return { ...connectionEvent('gap', `${what} may have been missed.`), ...loss, sender_rid: group };
}

/** @param recovery after a reconnect only */
export const connected = (recovery: Pick<ConnectionEvent, 'recovered' | 'recovered_messages'>): ConnectionEvent => ({
  ...connectionEvent('success', 'Connected to WebSocket server.'),
  ...recovery,
});

/** @param attempt counted from 1 */
export const reconnecting = (attempt: number) => connectionEvent('reconnect', `Reconnecting to WebSocket server...${attempt}`);

export const closed = () => connectionEvent('close', 'WebSocket connection closed.');

export const failed = (reason: string, message: string): ConnectionEvent => ({
  ...connectionEvent('error', message),
  reason,
});
