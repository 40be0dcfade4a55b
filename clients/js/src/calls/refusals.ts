// What can be said against a call. This part is a bundle of its own, so the PipitError that the application knows is made by
// the client: here a refusal is what it is made of.
import type { CallLink } from './link.js';

export class Refusal {
  readonly retry = false;

  constructor(
    readonly code: string,
    readonly reason: string,
    readonly message: string,
    readonly cause?: unknown,
  ) {}
}

/** A Refusal of this part, or a PipitError of the client. */
export interface Failure {
  readonly message: string;
  readonly reason?: string;
  readonly retry_after_ms?: number;
}

export const invalidParameter = (message: string) => new Refusal('INVALID_PARAMETER', 'invalid_parameter', message);

export const invalidRequest = (reason: string, message: string) => new Refusal('INVALID_REQUEST', reason, message);

export const notConnected = () =>
  invalidRequest('not_connected', 'No realtime connection. Execute connectRealtime() before this method.');

export const noWebRTC = () =>
  new Refusal('ERROR', 'no_webrtc', 'There is no WebRTC here: calls need a browser, or a global RTCPeerConnection.');

/** Why a call is over, by the reasons of the protocol and two of our own: `not_connected` and `failed`. */
const OVER: Record<string, string> = {
  rejected: 'The call was rejected.',
  cancelled: 'The call was taken back.',
  timeout: 'Nobody answered the call.',
  unreachable: 'Nobody who was called is connected any more.',
  busy: 'Whoever was called has as many calls as are allowed.',
  answered_elsewhere: 'The call was answered by another device.',
  hung_up: 'The call was hung up.',
  lost: 'The call was lost: the connection broke and did not come back.',
  moved: 'The call goes on at another connection.',
  not_connected: 'The call was accepted, but no way to the other side was found.',
  failed: 'The call was accepted, but the two sides could not agree on how to talk.',
};

export const overText = (reason: string): string => OVER[reason] ?? `The call is over: ${reason}.`;

export const over = (reason: string, cause?: unknown) => new Refusal('ERROR', reason, overText(reason), cause);

/** The error that the application gets for whatever was thrown on the way. */
export function toError(link: CallLink, error: unknown): Error {
  if (error instanceof Refusal) return link.toError(error);
  if (error instanceof Error && error.name === 'PipitError') return error;
  return link.toError(new Refusal('ERROR', 'failed', `The browser could not make the call: ${error}`, error));
}
