import type { CallOp, CallWireEvent } from '../core/wire.js';
import type { Around } from './around.js';
import type { Call } from './call.js';
import type { IceList } from './ice.js';
import type { CallLink } from './link.js';
import type { Failure } from './refusals.js';

export type EventOf<Kind> = Extract<CallWireEvent, { kind: Kind }>;
export type Ring = EventOf<'ring'>;

/** What all calls of a client share. */
export interface Desk {
  link: CallLink;
  ice: IceList;
  around: Around;
  command(op: CallOp, members: object, done?: (ok: any) => void, failed?: (error: Failure) => void): void;
  /** The ring that is to be answered in place of this call. */
  takeTwin(call: Call): Ring | undefined;
  /** Whoever rings here is not answered, as this call is hung up. */
  rejectTwin(call: Call): void;
  /** The call is over. */
  remove(call: Call): void;
  /** Says the end of a call to the server once it can be reached. */
  leaveLater(ticket: string): void;
}
