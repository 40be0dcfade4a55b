// What the client and its parts know of each other. They are bundles of their own, so what is named here keeps its name.
import type { CallLink, CallPart } from './calls/link.js';
import type { CallOp } from './core/wire.js';
import type { ListPart, PageName } from './lists/link.js';
import type { PushOp, PushPart } from './push/link.js';
import type { LogLevel } from './types.js';

export interface PartModule<Link, Part> {
  start(link: Link): Part;
}

/** Fetches a part; `again` is another text each time after it could not be fetched. */
export type LoadPart<Link, Part> = (again?: string) => Promise<PartModule<Link, Part>>;

/** The parts of the SDK that are files of their own, each fetched when it is first needed. */
export interface PartLoaders {
  calls: LoadPart<CallLink, CallPart>;
  lists: LoadPart<AskLink, ListPart>;
  push: LoadPart<AskLink, PushPart>;
}

export type Op = PageName | CallOp | PushOp;

/** A command as a request over HTTP (PROTOCOL.md, section 6). With a body it is a POST. */
export interface HttpRequest {
  /** From `/v1/` on, with the query. */
  path: string;
  /** JSON text. */
  body?: string;
}

/** What a part that asks the server may ask of the client. */
export interface AskLink {
  /**
   * Asks over the open connection, else over HTTP. A question whose answer is lost with the connection is asked again on the next
   * one; `once`: is refused. Rejects with a PipitError.
   */
  ask(op: Op, members: object, request: () => HttpRequest, once?: boolean): Promise<any>;
  /** The user of the open connection; undefined without one. */
  userId(): string | undefined;
  /** Where a path from `/v1/` on is asked for over HTTP. */
  address(path: string): string;
  wait(ms: number): Promise<void>;
  /** The time of day, in ms since 1970. */
  wallMs(): number;
  /** Calls what the application gave. */
  callOut(call: () => void): void;
  log(level: LogLevel, text: string): void;
}
