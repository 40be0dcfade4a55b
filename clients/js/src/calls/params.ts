// What an application gives to connectRTC(), checked before anything is done. Each refusal names the argument and what is allowed.
import { CID } from '../core/checks.js';
import { checkChannels } from './channels.js';
import type { Channel } from './channels.js';
import { checkIce } from './ice.js';
import { checkMedia } from './media.js';
import type { Media } from './media.js';
import { invalidParameter, invalidRequest } from './refusals.js';
import type { RTCCallback } from './types.js';

/** Exactly one of the two. */
export type Callee = { cid: string } | { user: string };

/** How this side takes part in a call. */
export interface Wishes {
  media: Media;
  channels: Channel[];
  /** Of an RTCPeerConnection; without `iceServers` those of the server. */
  config: RTCConfiguration;
  callback: RTCCallback;
}

const WISHES = ['media', 'channels', 'ice'];

function members(params: unknown, allowed: string[]): Record<string, unknown> {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) throw invalidParameter('"params" must be an object.');
  for (const name of Object.keys(params)) {
    if (!allowed.includes(name)) throw invalidParameter(`"${name}" is no member of "params". Allowed: ${allowed.join(', ')}.`);
  }
  return params as Record<string, unknown>;
}

function callee({ cid, user }: Record<string, unknown>): Callee | undefined {
  if (cid !== undefined && user !== undefined) throw invalidParameter('"params" can have one of "cid" and "user", not both.');
  if (typeof user === 'string' && user !== '') return { user };
  if (user !== undefined) throw invalidParameter('"user" must be a string that is not empty.');
  if (typeof cid === 'string' && CID.test(cid)) return { cid };
  if (cid !== undefined) throw invalidParameter('"cid" must be "cid:" followed by 16 characters of A-Z a-z 0-9 - _.');
  return undefined;
}

function wishes({ media, channels, ice }: Record<string, unknown>, standard: Channel[], callback: unknown): Wishes {
  if (callback !== undefined && callback !== null && typeof callback !== 'function') {
    throw invalidRequest('callback_missing', 'Callback must be a function.');
  }
  return {
    media: checkMedia(media),
    channels: channels === undefined || channels === null ? standard : checkChannels(channels),
    config: checkIce(ice),
    callback: (callback as RTCCallback | undefined) ?? (() => {}),
  };
}

/** Throws a Refusal. */
export function checkCall(params: unknown, callback: unknown): { to: Callee; wishes: Wishes } {
  const given = members(params, ['cid', 'user', ...WISHES]);
  const to = callee(given);
  if (to === undefined) throw invalidParameter('"params" needs one of "cid" and "user": whom to call.');
  return { to, wishes: wishes(given, checkChannels([{}]), callback) };
}

/** Throws a Refusal. Who accepts has the caller's channels, and needs to list none. */
export function checkAccept(params: unknown, callback: unknown): Wishes {
  return wishes(members(params ?? {}, WISHES), [], callback);
}

/** Whose calls to hang up; undefined: all. Throws a Refusal. */
export function checkClose(params: unknown): Callee | undefined {
  const given = members(params ?? {}, ['cid', 'user', 'close_all']);
  return given.close_all === true ? undefined : callee(given);
}
