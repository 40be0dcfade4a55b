// Commands of calls to the server, in the order in which they are given and no faster than it takes them.
import type { CallOp } from '../core/wire.js';
import type { Timers } from './around.js';
import type { CallLink } from './link.js';
import type { Failure } from './refusals.js';
import { over } from './refusals.js';

/** When a command is sent again that the server could not carry out yet, where it has not told. */
const RETRY_MS = 1_000;

/** @param isWanted asked each time before it is sent; what is not wanted any more is neither sent nor answered */
export type Command = (
  op: CallOp,
  members: object,
  done?: (ok: any) => void,
  failed?: (error: Failure) => void,
  isWanted?: () => boolean,
) => void;

export class Pace {
  private commands = 0;
  /** What came too fast, and what was given since. */
  private late: { number: number; send: () => void }[] = [];
  private timer: unknown;

  constructor(
    private readonly link: CallLink,
    private readonly timers: Timers,
  ) {}

  /** Calls `failed` as the server refuses, and when there is no connection. */
  readonly command: Command = (op, members, done = () => {}, failed = () => {}, isWanted = () => true) => {
    const number = ++this.commands;
    const send = () => {
      if (!isWanted()) return;
      if (this.link.isOpen()) this.link.command(op, members, done, refused);
      else failed(over('lost'));
    };
    const sendLate = () => this.late.push({ number, send });
    const refused = (error: Failure) => {
      const { reason, retry_after_ms: afterMs = RETRY_MS } = error;
      if (reason === 'rate_limited') {
        sendLate();
        this.timer ??= this.timers.setTimer(() => this.flush(), afterMs);
      } else if (op === 'reattach' && reason === 'unavailable') {
        // Nobody waits for a call to be taken up again, so that may take its time.
        this.timers.setTimer(send, afterMs);
      } else failed(error);
    };
    // The end of a call cannot come too early.
    if (this.timer === undefined || op === 'hangup') send();
    else sendLate();
  };

  /** Sends what waits, or lets it fail when the connection is lost. */
  flush() {
    this.timers.clearTimer(this.timer);
    this.timer = undefined;
    // What was under way together is refused one by one, and others are given in between.
    for (const { send } of this.late.splice(0).sort((one, other) => one.number - other.number)) send();
  }
}
