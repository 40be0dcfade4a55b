// What the application's callback gets.
import type { ConnectionEvent, WebSocketMessage } from '../types.js';
import type { Incoming } from './wire.js';

/** The callback's form of an event that is meant for the application; undefined for all others. */
export function toMessage(incoming: Incoming): WebSocketMessage | undefined {
  switch (incoming.kind) {
    case 'message':
    case 'private':
      return {
        type: incoming.kind,
        message: incoming.data,
        sender: incoming.user,
        sender_cid: incoming.cid,
        sender_rid: incoming.kind === 'message' ? incoming.group : null,
        code: null,
      };
    case 'notice':
      return {
        type: 'notice',
        message: incoming.message,
        sender: incoming.user,
        sender_cid: incoming.cid,
        sender_rid: incoming.group,
        code: incoming.code as 'USER_JOINED' | 'USER_LEFT' | 'USER_DISCONNECTED',
      };
    default:
      return undefined;
  }
}

function connectionEvent(type: ConnectionEvent['type'], message: string): ConnectionEvent {
  return { type, message, sender: null, sender_cid: null, sender_rid: null, code: null };
}

export const connected = () => connectionEvent('success', 'Connected to WebSocket server.');

/** @param attempt counted from 1 */
export const reconnecting = (attempt: number) => connectionEvent('reconnect', `Reconnecting to WebSocket server...${attempt}`);

export const closed = () => connectionEvent('close', 'WebSocket connection closed.');

export const failed = (reason: string, message: string): ConnectionEvent => ({
  ...connectionEvent('error', message),
  reason,
});
