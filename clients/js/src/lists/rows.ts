// The rows of a watched list. Pure values: nothing is changed in place.
import type { WatchEvent } from '../core/wire.js';

export type Row = Readonly<Record<string, unknown>>;

/** The member that tells the rows of a list apart. */
export type RowKey = 'group' | 'cid';

/** Whether that can be a list: rows with a key each, no key twice. */
export function areRows(list: unknown, key: RowKey): list is Row[] {
  if (!Array.isArray(list) || !list.every((row) => typeof row?.[key] === 'string')) return false;
  return new Set(list.map((row) => row[key])).size === list.length;
}

/** The list after an event; undefined when the event does not fit. */
export function applied(rows: readonly Row[], { gone, put }: WatchEvent, key: RowKey): Row[] | undefined {
  if (!Array.isArray(gone) || !Array.isArray(put) || !put.every(Array.isArray)) return undefined;
  const arriving = put.map(([, row]) => row);
  if (!areRows(arriving, key)) return undefined;
  const known = new Set(rows.map((row) => row[key]));
  if (!gone.every((name) => known.has(name))) return undefined;
  const out = new Set<unknown>([...gone, ...arriving.map((row) => row[key])]);
  const list = rows.filter((row) => !out.has(row[key]));
  for (const [index, row] of put as [number, Row][]) {
    if (!Number.isInteger(index) || index < 0 || index > list.length) return undefined;
    list.splice(index, 0, row);
  }
  return list;
}

export interface Difference {
  added: Row[];
  removed: Row[];
  /** As they are now. */
  changed: Row[];
}

export function difference(before: readonly Row[], now: readonly Row[], key: RowKey): Difference {
  const earlier = new Map(before.map((row) => [row[key], JSON.stringify(row)]));
  const later = new Set(now.map((row) => row[key]));
  const added = now.filter((row) => !earlier.has(row[key]));
  const removed = before.filter((row) => !later.has(row[key]));
  const changed = now.filter((row) => earlier.has(row[key]) && earlier.get(row[key]) !== JSON.stringify(row));
  return { added, removed, changed };
}
