// What the client and its parts know of each other. They are bundles of their own, so what is named here keeps its name.
import type { CallLink, CallPart } from './calls/link.js';
import type { CallOp } from './core/wire.js';
import type { ListPart, PageName } from './lists/link.js';
import type { PushOp, PushPart } from './push/link.js';
import type { LogLevel } from './types.js';

export interface PartModule<Link, Part> {
  start(link: Link): Part;
}

/** A part that asks the server brings along how to ask over HTTP. */
export interface AskingModule<Part> extends PartModule<AskLink, Part> {
  startHttp(link: HttpLink): HttpAsker;
}

/** Fetches a part; `again` is another text each time after it could not be fetched. */
export type LoadPart<Module> = (again?: string) => Promise<Module>;

/** The parts of the SDK that are files of their own, each fetched when it is first needed. */
export interface PartLoaders {
  calls: LoadPart<PartModule<CallLink, CallPart>>;
  lists: LoadPart<AskingModule<ListPart>>;
  push: LoadPart<AskingModule<PushPart>>;
}

export type Op = PageName | CallOp | PushOp;

/** A command as a request over HTTP (PROTOCOL.md, section 6). With a body it is a POST. */
export interface HttpRequest {
  /** From `/v1/` on, with the query. */
  path: string;
  /** JSON text. */
  body?: string;
}

export interface HttpAnswer {
  status: number;
  text: string;
}

/** The browser's own names, and no others. */
export type HttpFetchOptions = Record<'method', string> & Record<'headers', Record<string, string>> & Partial<Record<'body', string>> & Record<'signal', AbortSignal>;

/** As much of `fetch` as is needed. Rejects when there is no answer, and when `signal` is aborted. */
export type HttpFetch = (url: string, options: HttpFetchOptions) => Promise<HttpAnswer>;

export interface HttpAsker {
  /** The answer, whatever it is. Rejects with a PipitError, after 30 s at the latest. */
  ask(request: HttpRequest): Promise<unknown>;
}

/** What questions over HTTP may ask of the client. */
export interface HttpLink {
  /** Where the WebSocket is: what is asked for over HTTP is beside it. */
  socketUrl: string;
  /** In place of the global one. */
  fetch: HttpFetch | undefined;
  /** The token, which the connection uses too, if it may be used now. */
  usable(): string | undefined;
  /** Whether there can be another token. */
  canRenew: boolean;
  /** Fetches another token, which is the client's from then on. Rejects as getToken() does. */
  renew(): Promise<string>;
  /** The server refused that token as expired. */
  expired(token: string): void;
  /** Calls after the time, unless what is returned is called before. */
  later(ms: number, call: () => void): () => void;
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
  /** Where the WebSocket is. */
  socketUrl: string;
  wait(ms: number): Promise<void>;
  /** The time of day, in ms since 1970. */
  wallMs(): number;
  /** Calls what the application gave. */
  callOut(call: () => void): void;
  log(level: LogLevel, text: string): void;
}
