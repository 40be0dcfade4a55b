// What the application's callback gets.
import type { ConnectionEvent, WebSocketMessage } from '../types.js';
import type { Incoming } from './wire.js';

/** The callback's form of an event that is meant for the application; undefined for all others. */
export function toMessage(incoming: Incoming): WebSocketMessage | undefined {
  const { kind } = incoming;
  if (kind !== 'message' && kind !== 'private' && kind !== 'notice') return undefined;
  return {
    type: kind,
    message: kind === 'notice' ? incoming.message : incoming.data,
    sender: incoming.user,
    sender_cid: incoming.cid,
    sender_rid: kind === 'private' ? null : incoming.group,
    code: kind === 'notice' ? incoming.code : null,
  } as WebSocketMessage;
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
