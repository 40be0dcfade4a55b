// Lists, fetched page by page: which page comes next in a query, and pages that are full.
import { PipitError, badAnswer } from '../errors.js';
import type { DatabaseResponse } from '../types.js';
import type { PageName, Question } from './link.js';
import type { Fetch } from './questions.js';

/** Asks the server; rejects with what it refuses. */
export type Ask = (list: PageName, question: Question) => Promise<unknown>;

const LIMIT_DEFAULT = 50;
/** Queries that are remembered: those used last, and those that are being fetched. */
const QUERIES_MAX = 100;
/** Pages of one walk that can be gone back to: of a longer one the newest. */
const HISTORY_MAX = 1_000;
/** A page in so many pieces that the server slows it down waits as often as that for the same piece. */
const WAITS_MAX = 5;
const WAIT_DEFAULT_MS = 1_000;

interface Query {
  /** Where the pages of the walk began, in order, but for the begin of the list; the last is where the next page begins. */
  history: string[];
  /** Calls that are not done yet. */
  calls: number;
  /** Settles after the last of them: one call at a time, or two would get the same page. */
  last: Promise<void>;
}

interface Piece {
  list: object[];
  /** As JSON text, or `end`. */
  startKey: string;
}

function toPiece(answer: unknown): Piece {
  const { list, startKey } = (answer ?? {}) as { list?: unknown; startKey?: unknown };
  const isKey = startKey === 'end' || (typeof startKey === 'object' && startKey !== null);
  if (!Array.isArray(list) || !isKey) throw badAnswer('The server gave an answer that is no list.');
  return { list, startKey: startKey === 'end' ? startKey : JSON.stringify(startKey) };
}

const toKey = (text: string): object | 'end' => (text === 'end' ? text : JSON.parse(text));

export class Pages {
  private readonly queries = new Map<string, Query>();

  constructor(
    private readonly ask: Ask,
    private readonly wait: (ms: number) => Promise<void>,
  ) {}

  /** @param params of the list, checked */
  fetch(list: PageName, params: Question, options: Fetch): Promise<DatabaseResponse<object>> {
    const question = { ...params, ...options.order };
    const query = this.remembered(JSON.stringify([list, question]));
    query.calls += 1;
    const answer = query.last.then(() => this.next(query, list, question, options));
    const done = () => void (query.calls -= 1);
    query.last = answer.then(done, done);
    return answer;
  }

  private remembered(name: string): Query {
    const query = this.queries.get(name) ?? { history: [], calls: 0, last: Promise.resolve() };
    this.queries.delete(name);
    this.queries.set(name, query);
    for (const [other, { calls }] of this.queries) {
      if (this.queries.size <= QUERIES_MAX) break;
      if (calls === 0 && other !== name) this.queries.delete(other);
    }
    return query;
  }

  private async next(query: Query, list: PageName, question: Question, options: Fetch): Promise<DatabaseResponse<object>> {
    const { startKey, fetchMore } = options;
    let history = fetchMore ? query.history : [];
    if (startKey !== undefined) history = [...query.history.slice(0, Math.max(0, query.history.indexOf(startKey))), startKey];
    const from = history[history.length - 1];
    const page = from === 'end' ? { list: [], startKey: 'end' } : await this.page(list, question, from, options);
    query.history = from === 'end' ? history : [...history, page.startKey].slice(-HISTORY_MAX);
    return {
      list: page.list,
      startKey: toKey(page.startKey),
      endOfList: page.startKey === 'end',
      startKeyHistory: [...query.history],
    };
  }

  /** The server may give fewer rows than asked for although more follow, so that it takes several questions. */
  private async page(list: PageName, question: Question, from: string | undefined, { limit, progress }: Fetch): Promise<Piece> {
    const total = limit === undefined ? LIMIT_DEFAULT : Number(limit);
    const rows: object[] = [];
    let at = from;
    do {
      const left = at === from ? limit : total - rows.length;
      const asked: Record<string, unknown> = { ...question };
      if (left !== undefined) asked.limit = left;
      if (at !== undefined) asked[list === 'history' ? 'before' : 'startKey'] = toKey(at);
      const piece = await this.piece(list, asked, at === from ? 0 : WAITS_MAX);
      if (piece.startKey === at) throw badAnswer('The server gave the same startKey again.');
      at = piece.startKey;
      // Of a history each piece is older than the one before.
      rows.splice(list === 'history' ? 0 : rows.length, 0, ...piece.list);
      progress?.({ status: 'success', loaded: rows.length, total });
    } while (at !== 'end' && rows.length < total);
    return { list: rows, startKey: at };
  }

  private async piece(list: PageName, question: Question, waitsLeft: number): Promise<Piece> {
    try {
      return toPiece(await this.ask(list, question));
    } catch (error) {
      if (waitsLeft === 0 || !(error instanceof PipitError) || error.reason !== 'rate_limited') throw error;
      await this.wait(error.retry_after_ms ?? WAIT_DEFAULT_MS);
      return this.piece(list, question, waitsLeft - 1);
    }
  }
}
