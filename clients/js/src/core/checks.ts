// What a caller gave, checked before it is sent. Each refusal names the argument and what is allowed.
import { invalidParameter, wrongType } from '../errors.js';
import type { Notification, Recipient } from '../types.js';
import { byteLength } from './batch.js';
import type { Limits } from './wire.js';

/** Of a notification's title and body together, and of all that a service worker gets of it. */
const SHOWN_BYTES_MAX = 3_072;
const NOTIFICATION_BYTES_MAX = 3_993;
const FORBIDDEN_IN_NAMES = /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u;

/** What a connection id looks like. */
export const CID = /^cid:[A-Za-z0-9_-]{16}$/;

function checkName(argument: string, name: unknown, bytesMax: number): string {
  if (typeof name !== 'string' || name === '') throw wrongType(argument, 'a string that is not empty', name);
  const bytes = byteLength(name);
  if (bytes > bytesMax) {
    throw invalidParameter(`"${argument}" has ${bytes} bytes of UTF-8; at most ${bytesMax} are allowed.`);
  }
  if (FORBIDDEN_IN_NAMES.test(name)) {
    throw invalidParameter(`"${argument}" must not contain control characters or halves of surrogate pairs.`);
  }
  return name;
}

/** The group to join, or null to leave. */
export function checkJoin(params: unknown, limits: Limits): string | null {
  if (params === undefined || params === null) return null;
  if (typeof params !== 'object') throw wrongType('params', 'an object: { group }', params);
  const group = (params as { group?: unknown }).group;
  if (group === undefined || group === null || group === '') return null;
  return checkName('group', group, limits.group_name_bytes);
}

export function checkRecipient(recipient: unknown, limits: Limits): Recipient {
  if (typeof recipient === 'string') {
    return checkName('recipient', recipient, Math.max(limits.group_name_bytes, limits.user_id_bytes));
  }
  if (typeof recipient === 'object' && recipient !== null && Object.keys(recipient).length === 1) {
    const { user, group, cid } = recipient as Record<string, unknown>;
    if (user !== undefined) return { user: checkName('recipient.user', user, limits.user_id_bytes) };
    if (group !== undefined) return { group: checkName('recipient.group', group, limits.group_name_bytes) };
    if (typeof cid === 'string' && CID.test(cid)) return { cid };
    if (cid !== undefined) {
      throw invalidParameter('"recipient.cid" must be "cid:" followed by 16 characters of A-Z a-z 0-9 - _.');
    }
  }
  throw invalidParameter('"recipient" must be a string, or an object with exactly one of "user", "group" and "cid".');
}

/** A value as JSON text. */
export function toJson(argument: string, value: unknown): string {
  let text: string | undefined;
  let cause = 'it is undefined, a function or a symbol';
  try {
    text = JSON.stringify(value);
  } catch (error) {
    cause = (error as Error).message;
  }
  if (text === undefined) throw invalidParameter(`"${argument}" must be a value that JSON can hold: ${cause}.`);
  return text;
}

/** How many bytes it has. @param command the whole command that carries the argument */
export function checkSize(argument: string, command: string, limits: Limits): number {
  const bytes = byteLength(command);
  if (bytes > limits.message_bytes) {
    throw invalidParameter(
      `"${argument}" is too long: the command with it has ${bytes} bytes; at most ${limits.message_bytes} are allowed.`,
    );
  }
  return bytes;
}

/** A notification as JSON text. The server checks what else there is. */
export function checkNotification(notification: unknown): string {
  const { config: _config, ...payload } = (notification ?? {}) as Partial<Notification>;
  const { title, body } = payload;
  if (typeof title !== 'string' || typeof body !== 'string') {
    throw invalidParameter('"notification" must be an object with the strings "title" and "body".');
  }
  const shown = byteLength(title) + byteLength(body);
  if (shown > SHOWN_BYTES_MAX) {
    throw invalidParameter(`"notification": title and body have ${shown} bytes; together at most ${SHOWN_BYTES_MAX} are allowed.`);
  }
  const bytes = byteLength(toJson('notification', payload));
  if (bytes > NOTIFICATION_BYTES_MAX) {
    throw invalidParameter(`"notification" has ${bytes} bytes of JSON without "config"; at most ${NOTIFICATION_BYTES_MAX} are allowed.`);
  }
  return toJson('notification', notification);
}
