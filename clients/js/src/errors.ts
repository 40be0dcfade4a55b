/** `code` and `message` are those of the API; `reason` is the entry of `protocol/codes.json` or of this client. */
export class PipitError extends Error {
  readonly code: string;
  readonly reason?: string;
  /** The same call may succeed later. */
  readonly retry?: boolean;

  constructor(code: string, message: string, details: { reason?: string; retry?: boolean; cause?: unknown } = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.name = 'PipitError';
    this.code = code;
    if (details.reason !== undefined) this.reason = details.reason;
    if (details.retry !== undefined) this.retry = details.retry;
  }
}

export const callbackMissing = () =>
  new PipitError('INVALID_REQUEST', 'Callback must be a function.', { reason: 'callback_missing' });

/** @param cause what went wrong: the server's answer, or what `getToken` threw */
export const connectionFailed = (reason: string, cause?: unknown) =>
  new PipitError('ERROR', 'Skapi: WebSocket connection error.', cause === undefined ? { reason } : { reason, cause });

export const notConnected = () =>
  new PipitError('INVALID_REQUEST', 'No realtime connection. Execute connectRealtime() before this method.', {
    reason: 'not_connected',
  });

export const connectionNotOpen = () =>
  new PipitError('INVALID_REQUEST', 'Realtime connection is not open. Try reconnecting with connectRealtime().', {
    reason: 'not_open',
    retry: true,
  });

export const invalidParameter = (message: string) =>
  new PipitError('INVALID_PARAMETER', message, { reason: 'invalid_parameter', retry: false });

export const tooManyUnanswered = (max: number) =>
  new PipitError('ERROR', `More than ${max} calls are waiting for their answer. Try again later.`, {
    reason: 'rate_limited',
    retry: true,
  });
