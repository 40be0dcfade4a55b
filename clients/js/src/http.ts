// Questions over HTTP (PROTOCOL.md, section 6), for a client without an open connection. Each part that asks brings this along.
import type { WireError } from './core/wire.js';
import { NO_TOKEN, PipitError, badAnswer, questionFailed, refused } from './errors.js';
import { fetchAnswer } from './fetch.js';
import type { HttpAnswer, HttpAsker, HttpLink, HttpRequest } from './link.js';
import { toHttpUrl } from './url.js';

/** One question has so long, the token for it and a second attempt included. */
const WAIT_MS = 30_000;

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

export class HttpQuestions implements HttpAsker {
  /** A getToken() that is under way: it serves all who wait. */
  private fetching: Promise<string> | undefined;

  constructor(private readonly link: HttpLink) {}

  async ask(request: HttpRequest): Promise<unknown> {
    const abort = new AbortController();
    return new Promise((resolve, reject) => {
      const cancel = this.link.later(WAIT_MS, () => {
        abort.abort();
        reject(questionFailed('timeout', 'The server has not answered in time.'));
      });
      this.answer(request, abort.signal).then(resolve, reject).finally(cancel);
    });
  }

  private async answer(request: HttpRequest, signal: AbortSignal): Promise<unknown> {
    const { link } = this;
    const text = await this.tokenText();
    let answer = await this.fetch(request, text, signal);
    let error = errorOf(answer);
    if (error?.reason === 'token_expired' && link.canRenew) {
      link.expired(text);
      answer = await this.fetch(request, await this.tokenText(), signal);
      error = errorOf(answer);
    }
    if (error !== undefined) throw error;
    return parsed(answer.text);
  }

  private async fetch({ path, body }: HttpRequest, token: string, signal: AbortSignal): Promise<HttpAnswer> {
    const { fetch = fetchAnswer, socketUrl } = this.link;
    const authorization = `Bearer ${token}`;
    const asked =
      body === undefined
        ? { method: 'GET', headers: { authorization } }
        : { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body };
    try {
      return await fetch(toHttpUrl(socketUrl, path), { ...asked, signal });
    } catch (error) {
      throw questionFailed('unreachable', `The server could not be reached: ${error}`, error);
    }
  }

  private async tokenText(): Promise<string> {
    const usable = this.link.usable();
    if (usable !== undefined) return usable;
    if (!this.link.canRenew) {
      throw new PipitError('INVALID_REQUEST', NO_TOKEN, { reason: 'token_expired', retry: false });
    }
    this.fetching ??= this.fetchToken().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private async fetchToken(): Promise<string> {
    try {
      return await this.link.renew();
    } catch (error) {
      throw questionFailed('token_unavailable', `getToken failed: ${error}`, error);
    }
  }
}
