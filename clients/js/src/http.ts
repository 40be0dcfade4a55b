// Questions over HTTP (PROTOCOL.md, section 6), for a client without an open connection.
import { tokenFrom } from './core/token.js';
import type { GetToken, Token } from './core/token.js';
import type { WireError } from './core/wire.js';
import { NO_TOKEN, PipitError, badAnswer, questionFailed, refused } from './errors.js';
import type { HttpRequest } from './link.js';
import type { Schedule } from './runner.js';
import { toHttpUrl } from './url.js';

/** One question has so long, the token for it and a second attempt included. */
const WAIT_MS = 30_000;

export interface HttpAnswer {
  status: number;
  text: string;
}

/** The browser's own names, and no others. */
export type HttpFetchOptions = Record<'method', string> & Record<'headers', Record<string, string>> & Partial<Record<'body', string>> & Record<'signal', AbortSignal>;

/** As much of `fetch` as is needed. Rejects when there is no answer, and when `signal` is aborted. */
export type HttpFetch = (url: string, options: HttpFetchOptions) => Promise<HttpAnswer>;

export const fetchAnswer: HttpFetch = async (url, options) => {
  const answer = await fetch(url, { ...options, cache: 'no-store', credentials: 'omit' });
  return { status: answer.status, text: await answer.text() };
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The error that an answer carries; undefined when it is a good one. */
function errorOf({ status, text }: HttpAnswer): PipitError | undefined {
  if (status >= 200 && status < 300) return undefined;
  const error = parsed(text) as Partial<WireError> | null | undefined;
  if (typeof error?.code === 'string' && typeof error.message === 'string') return refused(error as WireError);
  return badAnswer(`The server answered with HTTP status ${status} and without a reason.`);
}

export interface HttpOptions {
  /** Of the WebSocket. */
  url: string;
  /** The one that the connection uses too. */
  token: Token;
  getToken: GetToken | undefined;
  fetch: HttpFetch;
  nowMs: () => number;
  schedule: Schedule;
}

export class HttpQuestions {
  /** A getToken() that is under way: it serves all who wait. */
  private fetching: Promise<string> | undefined;

  constructor(private readonly options: HttpOptions) {}

  /** The answer, whatever it is. Rejects with a PipitError, after 30 s at the latest. */
  async ask(request: HttpRequest): Promise<unknown> {
    const { schedule } = this.options;
    const abort = new AbortController();
    return new Promise((resolve, reject) => {
      const timer = schedule.setTimer(() => {
        abort.abort();
        reject(questionFailed('timeout', 'The server has not answered in time.'));
      }, WAIT_MS);
      const answer = this.answer(request, abort.signal);
      answer.then(resolve, reject).finally(() => schedule.clearTimer(timer));
    });
  }

  private async answer(request: HttpRequest, signal: AbortSignal): Promise<unknown> {
    const { token } = this.options;
    const text = await this.tokenText();
    let answer = await this.fetch(request, text, signal);
    let error = errorOf(answer);
    if (error?.reason === 'token_expired' && token.canRenew) {
      token.expired(text);
      answer = await this.fetch(request, await this.tokenText(), signal);
      error = errorOf(answer);
    }
    if (error !== undefined) throw error;
    return parsed(answer.text);
  }

  private async fetch({ path, body }: HttpRequest, token: string, signal: AbortSignal): Promise<HttpAnswer> {
    const { fetch, url } = this.options;
    const authorization = `Bearer ${token}`;
    const asked =
      body === undefined
        ? { method: 'GET', headers: { authorization } }
        : { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body };
    try {
      return await fetch(toHttpUrl(url, path), { ...asked, signal });
    } catch (error) {
      throw questionFailed('unreachable', `The server could not be reached: ${error}`, error);
    }
  }

  private async tokenText(): Promise<string> {
    const { token, nowMs } = this.options;
    const usable = token.usable(nowMs());
    if (usable !== undefined) return usable;
    if (!token.canRenew) {
      throw new PipitError('INVALID_REQUEST', NO_TOKEN, { reason: 'token_expired', retry: false });
    }
    this.fetching ??= this.fetchToken().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private async fetchToken(): Promise<string> {
    try {
      const text = await tokenFrom(this.options.getToken!);
      this.options.token.replace(text);
      return text;
    } catch (error) {
      throw questionFailed('token_unavailable', `getToken failed: ${error}`, error);
    }
  }
}
