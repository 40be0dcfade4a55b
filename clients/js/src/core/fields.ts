// Names and values of form fields as nested data: `a[b]` nests, `a[0]` and `a[]` make arrays.

export interface Field {
  name: string;
  values: unknown[];
  /** There are, or may be, several values under this name: they make an array, be it one value or none. */
  many: boolean;
}

type Branch = Map<string, unknown>;

const PATH = /^([^[\]]+)((?:\[[^[\]]*\])*)$/;
const INDEX = /^\d+$/;

/** The keys that a name stands for; the empty key means "append". A name of any other form is one key. */
function keysOf(name: string): string[] {
  const [, first, rest] = PATH.exec(name) ?? [];
  if (first === undefined || rest === undefined) return [name];
  return [first, ...[...rest.matchAll(/\[([^[\]]*)\]/g)].map(([, key]) => key ?? '')];
}

/** `a[0]` and `a[2]` make an array of two: a gap is no value. */
function finished(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  const entries = [...(value as Branch)].map(([key, inner]) => [key, finished(inner)] as const);
  if (!entries.every(([key]) => INDEX.test(key))) return Object.fromEntries(entries);
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, inner]) => inner);
}

function put(root: Branch, keys: string[], value: unknown) {
  let branch = root;
  keys.forEach((wanted, depth) => {
    const key = wanted === '' && depth > 0 ? String(branch.size) : wanted;
    if (depth === keys.length - 1) {
      branch.set(key, value);
      return;
    }
    let next = branch.get(key);
    if (!(next instanceof Map)) branch.set(key, (next = new Map()));
    branch = next as Branch;
  });
}

/**
 * The data that `fields` describe. Where two names contradict each other (`a` and `a[b]`) the later one holds. Fields with
 * `__proto__` in their name are left out: nobody who copies the data may get another prototype by it.
 */
export function toData(fields: readonly Field[]): Record<string, unknown> {
  const root: Branch = new Map();
  for (const { name, values, many } of fields) {
    const keys = keysOf(name);
    if (keys.includes('__proto__')) continue;
    if (keys.length > 1 && keys[keys.length - 1] === '') for (const value of values) put(root, keys, value);
    else if (many) put(root, keys, values);
    else if (values.length > 0) put(root, keys, values[0]);
  }
  return Object.fromEntries([...root].map(([key, value]) => [key, finished(value)]));
}

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a text field says for one of these members becomes a number if it can be one. */
export function readNumbers(members: Record<string, unknown>, names: string[]) {
  for (const name of names) {
    const text = members[name];
    if (typeof text === 'string' && text.trim() !== '' && Number.isFinite(Number(text))) members[name] = Number(text);
  }
}
