// What a caller gave, made into the members of a command. Only what the server would not see is checked here; it refuses the rest, and
// names the argument.
import { checkNotification } from '../core/checks.js';
import { isObject, readNumbers } from '../core/fields.js';
import { invalidParameter, wrongType } from '../errors.js';
import type { PushProgress, SubscriptionParams } from '../types.js';
import { keyOf } from './key.js';

type Members = Record<string, unknown>;

/** The contract writes an argument inside of `params`, and its callers without. */
const unwrapped = (given: unknown): unknown => (isObject(given) && isObject(given.params) ? given.params : given);

const isBrowsers = (given: unknown): given is PushSubscription => isObject(given) && typeof given.toJSON === 'function';

function checkText(argument: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw wrongType(argument, 'a string that is not empty', value);
  return value;
}

function subscriptionOf(given: unknown, keys: unknown): Members {
  if (typeof given === 'string') return { endpoint: given, keys };
  const input = unwrapped(given);
  if (isBrowsers(input)) return { ...input.toJSON(), vapid: keyOf(input) };
  if (isObject(input)) return input;
  throw wrongType('subscription', 'a PushSubscription or an object: { endpoint, keys }', given);
}

function checkKeys(keys: unknown): SubscriptionParams['keys'] {
  if (!isObject(keys)) throw wrongType('keys', 'an object: { p256dh, auth }', keys);
  return { p256dh: checkText('keys.p256dh', keys.p256dh), auth: checkText('keys.auth', keys.auth) };
}

/** The members of `subscribe`. Throws PipitError INVALID_PARAMETER, as all of these. */
export function checkSubscription(given: unknown, secondGiven: unknown): SubscriptionParams {
  const { endpoint, keys, vapid } = subscriptionOf(given, secondGiven);
  const members = { endpoint: checkText('endpoint', endpoint), keys: checkKeys(keys) };
  return (vapid ?? null) === null ? members : { ...members, vapid: checkText('vapid', vapid) };
}

/** The members of `unsubscribe`. */
export const checkUnsubscription = (given: unknown): { endpoint: string } => ({
  endpoint: checkText('endpoint', subscriptionOf(given, undefined).endpoint),
});

/** What a form says, without the fields that are empty; a title and a body may be. */
function filled(fields: Members): Members {
  const entries = Object.entries(fields).map(([key, value]) => [key, isObject(value) ? filled(value) : value] as const);
  return Object.fromEntries(entries.filter(([key, value]) => key === 'title' || key === 'body' || (value !== '' && value !== null)));
}

/** The same, and what it writes for a number. */
function readForm(fields: Members): Members {
  const form = filled(fields);
  if (isObject(form.config)) readNumbers(form.config, ['ttl']);
  return form;
}

/** Whoever gives one of these has somebody in mind. */
const MISTAKEN = ['user', 'users', 'user_id', 'to'];

/** An empty list is not everyone: whoever has chosen nobody does not mean all. */
function checkUsers(given: unknown, notification: Members): Members {
  if ((given ?? null) === null) {
    const mistaken = MISTAKEN.find((name) => notification[name] !== undefined);
    if (mistaken === undefined) return { everyone: true };
    throw invalidParameter(`"user_ids" says for whom it is, not "${mistaken}".`);
  }
  const users: unknown[] = Array.isArray(given) ? [...given] : [given];
  if (users.length === 0) throw invalidParameter('"user_ids" must have at least one user id; left out, it means everyone.');
  return { users: users.map((user) => checkText('user_ids', user)) };
}

/** The members of `push`. */
export function checkPush(given: unknown, secondGiven: unknown, isForm: boolean): Members {
  const input = unwrapped(given);
  if (!isObject(input)) throw wrongType('notification', 'an object: { title, body }', input);
  const { user_ids: within, ...notification } = isForm ? readForm(input) : input;
  const members = { notification: JSON.parse(checkNotification(notification)) };
  if ((within ?? null) !== null && (secondGiven ?? null) !== null) {
    throw invalidParameter('"user_ids" must be given once: with the notification, or as the second argument.');
  }
  return { ...members, ...checkUsers(within ?? secondGiven, notification) };
}

/** What is to be called with the progress, if anything is. */
export function checkPushOptions(options: unknown): ((progress: PushProgress) => void) | undefined {
  if ((options ?? null) === null) return undefined;
  if (!isObject(options)) throw wrongType('options', 'an object: { progress }', options);
  const { progress, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalidParameter(`"${unknown}" is no member of "options". Allowed: progress.`);
  if ((progress ?? null) === null) return undefined;
  if (typeof progress !== 'function') throw wrongType('progress', 'a function', progress);
  return progress as (progress: PushProgress) => void;
}
