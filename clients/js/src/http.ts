// Questions over HTTP (PROTOCOL.md, section 6), for a client without an open connection.
import type { ListName, Question } from './core/questions.js';
import { tokenFrom } from './core/token.js';
import type { GetToken, Token } from './core/token.js';
import type { WireError } from './core/wire.js';
import { NO_TOKEN, PipitError, badAnswer, invalidParameter, questionFailed, refused, wrongType } from './errors.js';
import type { Schedule } from './runner.js';
import { toListUrl } from './url.js';

/** One question has so long, the token for it and a second attempt included. */
const WAIT_MS = 30_000;

export interface HttpAnswer {
  status: number;
  text: string;
}

/** Rejects when there is no answer, and when `signal` is aborted. */
export type HttpGet = (url: string, token: string, signal: AbortSignal) => Promise<HttpAnswer>;

export const fetchGet: HttpGet = async (url, token, signal) => {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(url, { headers, signal, cache: 'no-store', credentials: 'omit' });
  return { status: answer.status, text: await answer.text() };
};

/** The types that the server reads the text of arguments as; `string` where none is named. */
const TYPES: Record<string, string> = { limit: 'number', ascending: 'boolean', startKey: 'object' };
const TYPES_BY_NUMBER: Record<string, string> = { ...TYPES, value: 'number', range: 'number' };

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Text has no types, so a value of a wrong one would be taken for right by the server, and a lone surrogate becomes another
 * character on the way; both are refused here.
 */
function toQuery(question: Question): string {
  const types = question.searchFor === 'number_of_users' ? TYPES_BY_NUMBER : TYPES;
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(question)) {
    const type = types[key] ?? 'string';
    if (typeof value !== type) throw wrongType(key, `${type === 'object' ? 'an' : 'a'} ${type}`, value);
    const text = type === 'object' ? JSON.stringify(value) : String(value);
    if (LONE_SURROGATE.test(text)) throw invalidParameter(`"${key}" must be text without halves of surrogate pairs.`);
    query.set(key, text);
  }
  return query.toString();
}

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
  get: HttpGet;
  nowMs: () => number;
  schedule: Schedule;
}

export class HttpQuestions {
  /** A getToken() that is under way: it serves all who wait. */
  private fetching: Promise<string> | undefined;

  constructor(private readonly options: HttpOptions) {}

  /** The answer, whatever it is. Rejects with a PipitError, after 30 s at the latest. */
  async ask(list: ListName, question: Question): Promise<unknown> {
    const { schedule, url } = this.options;
    const query = toQuery(question);
    const abort = new AbortController();
    return new Promise((resolve, reject) => {
      const timer = schedule.setTimer(() => {
        abort.abort();
        reject(questionFailed('timeout', 'The server has not answered in time.'));
      }, WAIT_MS);
      const answer = this.answer(toListUrl(url, list) + (query && `?${query}`), abort.signal);
      answer.then(resolve, reject).finally(() => schedule.clearTimer(timer));
    });
  }

  private async answer(url: string, signal: AbortSignal): Promise<unknown> {
    const { token } = this.options;
    const text = await this.tokenText();
    let answer = await this.get(url, text, signal);
    let error = errorOf(answer);
    if (error?.reason === 'token_expired' && token.canRenew) {
      token.expired(text);
      answer = await this.get(url, await this.tokenText(), signal);
      error = errorOf(answer);
    }
    if (error !== undefined) throw error;
    return parsed(answer.text);
  }

  private async get(url: string, token: string, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.options.get(url, token, signal);
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
