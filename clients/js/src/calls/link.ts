// What the client and its part for calls say to each other. They are bundles of their own, so what is named here keeps its name.
import type { CallOp, CallWireEvent, WireError } from '../core/wire.js';
import type { PipitError } from '../errors.js';
import type { LogLevel, WebSocketMessage } from '../types.js';
import type { RTCConnector } from './types.js';

/**
 * Of the connection to the server. `up`: also after a reconnect. `leaving`: about to be closed on purpose. `down`: comes back
 * by itself, unless `gone` follows: then it is over for good.
 */
export interface LineEvent {
  kind: 'up' | 'leaving' | 'down' | 'gone';
}

export type CallEvent = CallWireEvent | LineEvent;

/** What the part may ask of the client. */
export interface CallLink {
  isOpen(): boolean;
  /** Calls one of the two, in the order of what the server says; `failed` too when the connection is lost. Only while it is open. */
  command(op: CallOp, members: object, done: (ok: any) => void, failed: (error: any) => void): void;
  /** Gives a message to the application. */
  tell(message: WebSocketMessage): void;
  log(level: LogLevel, text: string): void;
  /** The error that the application knows. */
  toError(refusal: WireError & { cause?: unknown }): PipitError;
}

/** What the client asks of the part. */
export interface CallPart {
  onEvent(event: CallEvent): void;
  connect(params: unknown, listener: unknown): Promise<RTCConnector>;
  /** Throws PipitError INVALID_PARAMETER. */
  close(params: unknown): void;
}
