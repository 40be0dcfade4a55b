// Questions about lists, made of what a caller gave. Only what the server would not see, or could not be told, is checked
// here; it refuses the rest, and names the argument.
import { invalidParameter, noGroup, wrongType } from '../errors.js';
import type { Progress } from '../types.js';
import type { ListName, PageName, Question } from './link.js';
import { toJson } from '../core/checks.js';
import { isObject, readNumbers } from '../core/fields.js';

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
  if (!isObject(given)) {
    throw wrongType(argument, `an object: { ${allowed.join(', ')} }`, given);
  }
  const unknown = Object.keys(given).find((key) => !allowed.includes(key));
  if (unknown !== undefined) {
    throw invalidParameter(`"${unknown}" is no member of "${argument}". Allowed: ${allowed.join(', ')}.`);
  }
  return Object.fromEntries(allowed.map((key) => [key, given[key]]).filter(([, value]) => value !== undefined && value !== null));
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

/** The fields that are not empty; those within others count as one. */
function filled(fields: object): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(fields)) {
    const value = isObject(field) ? filled(field) : field;
    if (value !== '' && value !== null && JSON.stringify(value) !== '{}') given[key] = value;
  }
  return given;
}

/**
 * What a form says: an empty field is not given, and without a value nothing is compared. What a form writes for a number is one
 * if it can be one.
 * @param submitter the name of the button, which may stand for a member, but need not
 */
export function readParams(list: PageName, fields: Record<string, unknown>, submitter?: string): Record<string, unknown> {
  const given = filled(fields);
  if (submitter !== undefined && !PARAMS[list].includes(submitter)) delete given[submitter];
  if (given.value === undefined) {
    delete given.condition;
    delete given.range;
  }
  readNumbers(given, given.searchFor === 'number_of_users' ? ['value', 'range'] : ['limit']);
  if (isObject(given.before)) readNumbers(given.before, ['offset']);
  return given;
}

/** Throws PipitError INVALID_PARAMETER, as all of these. */
export const checkParams = (list: PageName, params: unknown): Question => checkedAll(membersOf('params', params, PARAMS[list]));

/** JSON text, or `end`; undefined where none is given. */
function checkKey(argument: string, key: unknown): string | undefined {
  if (key === undefined || key === 'end') return key;
  if (!isObject(key)) throw wrongType(argument, 'an object from an earlier answer, or "end"', key);
  return toJson(argument, key);
}

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
  const { limit, ...order } = checkedAll(others);
  return {
    limit,
    order,
    fetchMore,
    startKey: checkKey('startKey', startKey),
    progress: progress as Fetch['progress'],
  };
}

/** What `params` of a history and its fetchOptions say together: those hold before these. */
export function checkHistory(params: unknown, options: unknown): { question: Question; fetch: Fetch } {
  const { limit, before, ...question } = checkParams('history', params);
  const { ascending, ...others } = membersOf('fetchOptions', options, FETCH_OPTIONS);
  if (ascending !== undefined) throw invalidParameter('"ascending" is not possible here: a history has the oldest message first.');
  const fetch = checkFetchOptions(others);
  return { question, fetch: { ...fetch, limit: limit ?? fetch.limit, startKey: checkKey('before', before) ?? fetch.startKey } };
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
