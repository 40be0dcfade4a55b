// Questions about lists as the query of an URL (PROTOCOL.md, section 6).
import { invalidParameter, wrongType } from '../errors.js';
import type { Question } from './link.js';

/** The types that the server reads the text of arguments as; `string` where none is named. */
const TYPES: Record<string, string> = { limit: 'number', ascending: 'boolean', startKey: 'object', before: 'object' };
const TYPES_BY_NUMBER: Record<string, string> = { ...TYPES, value: 'number', range: 'number' };

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * With its question mark, or empty. Text has no types, so a value of a wrong one would be taken for right by the server, and a lone surrogate becomes another
 * character on the way; both are refused here with INVALID_PARAMETER.
 */
export function toQuery(question: Question): string {
  const types = question.searchFor === 'number_of_users' ? TYPES_BY_NUMBER : TYPES;
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(question)) {
    const type = types[key] ?? 'string';
    if (typeof value !== type) throw wrongType(key, `${type === 'object' ? 'an' : 'a'} ${type}`, value);
    const text = type === 'object' ? JSON.stringify(value) : String(value);
    if (LONE_SURROGATE.test(text)) throw invalidParameter(`"${key}" must be text without halves of surrogate pairs.`);
    query.set(key, text);
  }
  const text = query.toString();
  return text && `?${text}`;
}
