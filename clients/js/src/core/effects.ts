import type { CallEvent } from '../calls/link.js';
import type { PipitError } from '../errors.js';
import type { ListChange, LogLevel, WebSocketMessage } from '../types.js';

/**
 * `attempt` bounds one connection attempt, `retry` is the wait before the next, `silence` is the longest time without a
 * word from the server, `refresh` is when the token is to be renewed, `watch` when lists are asked for again, `pace` when
 * the server takes the next command, `rejoin` when it is asked again to be let into the group.
 */
export type TimerName = 'attempt' | 'retry' | 'silence' | 'refresh' | 'watch' | 'pace' | 'rejoin';

/**
 * What the session asks of its surroundings, to be done in the order given. `Ticket` stands for a caller's promise; the
 * session only hands it back.
 */
export type Effect<Ticket> =
  /** Answer with onToken or onTokenFailed; a later fetch_token makes an earlier one void. */
  | { do: 'fetch_token' }
  /** Answer with onOpened, onText and at last onClosed. */
  | { do: 'open_socket' }
  /** Texts sent in one turn may share a frame. */
  | { do: 'send'; text: string }
  /** Send what is to be sent, close the socket with the code, and report nothing of it any more. */
  | { do: 'drop_socket'; code: number }
  /** Report onTimer(timer) after the time, once; replaces the same timer. */
  | { do: 'arm'; timer: TimerName; afterMs: number }
  | { do: 'disarm'; timer: TimerName }
  /** For the application's callback. */
  | { do: 'tell'; message: WebSocketMessage }
  /** Resolve with the open socket. */
  | { do: 'hand_socket'; ticket: Ticket }
  | { do: 'resolve'; ticket: Ticket; value: object }
  | { do: 'reject'; ticket: Ticket; error: PipitError }
  /** For the callback of a watch, whose ticket it is. */
  | { do: 'show'; ticket: Ticket; change: ListChange<object> }
  /** For the part that makes calls. */
  | { do: 'call'; event: CallEvent }
  | { do: 'log'; level: LogLevel; text: string };
