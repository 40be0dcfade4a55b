import type { WireError } from './core/wire.js';

interface Details {
  reason?: string;
  retry?: boolean;
  retry_after_ms?: number;
  cause?: unknown;
}

/** `code` and `message` are those of the API; `reason` is the entry of `protocol/codes.json` or of this client. */
export class PipitError extends Error {
  readonly code: string;
  readonly reason?: string;
  /** The same call may succeed later. */
  readonly retry?: boolean;
  /** When it may, in ms from when the error came; where the server has told. */
  readonly retry_after_ms?: number;

  constructor(code: string, message: string, { cause, ...details }: Details = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PipitError';
    this.code = code;
    Object.assign(this, details);
  }

  /** Each part of the SDK brings this class along: all of them are one for who asks. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'PipitError';
  }
}

/** What the server, or the part for calls, has refused, as the caller gets it. */
export const refused = ({ code, message, ...details }: WireError & { cause?: unknown }) => new PipitError(code, message, details);

export const NO_TOKEN = 'The token has expired, and there is no getToken to fetch a new one.';

export const callbackMissing = () =>
  new PipitError('INVALID_REQUEST', 'Callback must be a function.', { reason: 'callback_missing' });

/** @param cause what went wrong: the server's answer, or what `getToken` threw */
export const connectionFailed = (reason: string, cause?: unknown) =>
  new PipitError('ERROR', 'Skapi: WebSocket connection error.', { reason, cause });

/** All that a browser tells of it is the close code 1006. */
export const neverOpened = (url: string) =>
  new Error(`No WebSocket at ${url}: no server there, or its server.allowed_origins lacks this page's origin.`);

export const notConnected = () =>
  new PipitError('INVALID_REQUEST', 'No realtime connection. Execute connectRealtime() before this method.', {
    reason: 'not_connected',
  });

export const connectionNotOpen = () =>
  new PipitError('INVALID_REQUEST', 'Realtime connection is not open. Try reconnecting with connectRealtime().', {
    reason: 'not_open',
    retry: true,
  });

export const notJoined = () =>
  new PipitError('INVALID_REQUEST', "User has not joined to the recipient group. Run joinRealtime('...')", {
    reason: 'not_joined',
    retry: false,
  });

/** The post was sent, and what the server did with it was not heard, nor can be learned any more. @param cause what the server has said since */
export const outcomeUnknown = (cause?: unknown) =>
  new PipitError('ERROR', 'It is not known whether the message was sent.', { reason: 'outcome_unknown', retry: false, cause });

/** What is held back is what the options `outbox` allow. */
export const outboxFull = (postsMax: number, bytesMax: number) =>
  new PipitError('INVALID_REQUEST', `No more than ${postsMax} posts of ${bytesMax} bytes together may wait to be sent.`, {
    reason: 'outbox_full',
    retry: true,
  });

export const noGroup = () =>
  new PipitError('INVALID_REQUEST', 'No group is joined. Run joinRealtime(\'...\') or name the "group".', {
    reason: 'no_group',
    retry: false,
  });

export const invalidParameter = (message: string) =>
  new PipitError('INVALID_PARAMETER', message, { reason: 'invalid_parameter', retry: false });

/** With its article. */
function typeName(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (value === '') return 'an empty string';
  const type = Array.isArray(value) ? 'array' : typeof value;
  return `${/^[ao]/.test(type) ? 'an' : 'a'} ${type}`;
}

/** @param allowed as in "must be a string" */
export const wrongType = (argument: string, allowed: string, found: unknown) =>
  invalidParameter(`"${argument}" must be ${allowed}, not ${typeName(found)}.`);

export const tooManyUnanswered = (max: number) =>
  new PipitError('ERROR', `More than ${max} calls are waiting for their answer. Try again later.`, {
    reason: 'rate_limited',
    retry: true,
  });

/** The server, or what stands before it, has answered with something else than the protocol says. */
export const badAnswer = (text: string) => new PipitError('ERROR', text, { reason: 'bad_answer', retry: false });

/** Something that was asked for over HTTP did not come; it may the next time. */
export const questionFailed = (reason: string, text: string, cause?: unknown) =>
  new PipitError('ERROR', text, { reason, retry: true, cause });
