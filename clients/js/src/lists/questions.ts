// Questions about lists, made of what a caller gave. Only what the server would not see, or could not be told, is checked
// here; it refuses the rest, and names the argument.
import { invalidParameter, noGroup, wrongType } from '../errors.js';
import type { Progress } from '../types.js';
import type { ListName, PageName, Question } from './link.js';
import { toJson } from '../core/checks.js';

const PARAMS: Record<PageName, string[]> = {
  groups: ['searchFor', 'value', 'condition', 'range'],
  users: ['group', 'user_id'],
  history: ['group', 'limit', 'before'],
};
const FETCH_OPTIONS = ['limit', 'fetchMore', 'ascending', 'startKey', 'progress'];
const WATCH_OPTIONS = ['limit', 'ascending'];

/** The members that have a value; undefined and null have none. */
function membersOf(argument: string, given: unknown, allowed: string[]): Record<string, unknown> {
  if (given === undefined || given === null) return {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw wrongType(argument, `an object: { ${allowed.join(', ')} }`, given);
  }
  const unknown = Object.keys(given).find((key) => !allowed.includes(key));
  if (unknown !== undefined) {
    throw invalidParameter(`"${unknown}" is no member of "${argument}". Allowed: ${allowed.join(', ')}.`);
  }
  const members = given as Record<string, unknown>;
  return Object.fromEntries(allowed.map((key) => [key, members[key]]).filter(([, value]) => value !== undefined && value !== null));
}

/** A copy, so that the caller may go on with its own. */
function checked(argument: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalidParameter(`"${argument}" must be a finite number, not ${value}.`);
  return JSON.parse(toJson(argument, value));
}

/** `ascending: true` is as good as left out. */
function checkedAll(members: Record<string, unknown>): Record<string, unknown> {
  const copies = Object.entries(members).map(([key, value]) => [key, checked(key, value)] as const);
  return Object.fromEntries(copies.filter(([key, value]) => key !== 'ascending' || value !== true));
}

/**
 * What a form says: an empty field is not given, and without a value nothing is compared. What a form writes in a search by
 * number is a number if it can be one.
 */
export function readParams(fields: Record<string, unknown>): Record<string, unknown> {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== null));
  if (given.value === undefined) {
    delete given.condition;
    delete given.range;
  }
  for (const key of given.searchFor === 'number_of_users' ? ['value', 'range'] : []) {
    const text = given[key];
    if (typeof text === 'string' && text.trim() !== '' && Number.isFinite(Number(text))) given[key] = Number(text);
  }
  return given;
}

/** Throws PipitError INVALID_PARAMETER, as all of these. */
export const checkParams = (list: PageName, params: unknown): Question => checkedAll(membersOf('params', params, PARAMS[list]));

/** How much of a list is fetched, and from where. */
export interface Fetch {
  /** Left to the server when undefined. */
  limit: unknown;
  /** What belongs to the question. */
  order: Question;
  fetchMore: boolean;
  /** JSON text, or `end`. */
  startKey: string | undefined;
  progress: ((progress: Progress) => void) | undefined;
}

export function checkFetchOptions(options: unknown): Fetch {
  const { fetchMore = false, progress, startKey, ...others } = membersOf('fetchOptions', options, FETCH_OPTIONS);
  if (typeof fetchMore !== 'boolean') throw wrongType('fetchMore', 'a boolean', fetchMore);
  if (progress !== undefined && typeof progress !== 'function') throw wrongType('progress', 'a function', progress);
  if (startKey !== undefined && startKey !== 'end' && (typeof startKey !== 'object' || Array.isArray(startKey))) {
    throw wrongType('startKey', 'an object from an earlier answer, or "end"', startKey);
  }
  const { limit, ...order } = checkedAll(others);
  return {
    limit,
    order,
    fetchMore,
    startKey: startKey === undefined || startKey === 'end' ? startKey : toJson('startKey', startKey),
    progress: progress as Fetch['progress'],
  };
}

/** What `params` of a history and its fetchOptions say together: those hold before these. */
export function checkHistory(params: unknown, options: unknown): { question: Question; fetch: Fetch } {
  const { limit, before, ...question } = checkParams('history', params);
  const { ascending, ...others } = membersOf('fetchOptions', options, FETCH_OPTIONS);
  if (ascending !== undefined) throw invalidParameter('"ascending" is not possible here: a history has the oldest message first.');
  const given = Object.entries({ limit, startKey: before }).filter(([, value]) => value !== undefined);
  return { question, fetch: checkFetchOptions({ ...others, ...Object.fromEntries(given) }) };
}

/** The question that a watch asks. */
export function checkWatch(list: ListName, params: unknown, options: unknown): Question {
  return { ...checkParams(list, params), ...checkedAll(membersOf('options', options, WATCH_OPTIONS)) };
}

/**
 * The question with the group that it is about, so that whatever is joined later its next page is about the same one.
 * Throws PipitError when it is about the joined group and there is none.
 */
export function inGroup(list: PageName, question: Question, joined: string | null): Question {
  if (list === 'groups' || question.group !== undefined) return question;
  if (joined === null) throw noGroup();
  return { group: joined, ...question };
}
