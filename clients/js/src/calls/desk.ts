import type { CallWireEvent } from '../core/wire.js';
import type { Around } from './around.js';
import type { Call } from './call.js';
import type { IceList } from './ice.js';
import type { CallLink } from './link.js';
import type { Command } from './pace.js';

export type EventOf<Kind> = Extract<CallWireEvent, { kind: Kind }>;
export type Ring = EventOf<'ring'>;

/** What all calls of a client share. */
export interface Desk {
  link: CallLink;
  ice: IceList;
  around: Around;
  command: Command;
  /** The ring that is to be answered in place of this call. */
  takeTwin(call: Call): Ring | undefined;
  /** Whoever rings here is not answered, as this call is hung up. */
  rejectTwin(call: Call): void;
  /** The call is over. */
  remove(call: Call): void;
  /** Says the end of a call to the server once it can be reached. */
  leaveLater(ticket: string): void;
}
