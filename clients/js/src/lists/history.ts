// The messages of a history in the form in which the application's callback gets them.
import type { HistoryMessage } from '../core/wire.js';
import { badAnswer } from '../errors.js';
import type { HistoryRow } from '../types.js';

/** @param nowMs the time of day: only ages pass the wire */
export function messagesOf(rows: object[], group: string, nowMs: number): HistoryRow[] {
  return (rows as HistoryMessage[]).map((row) => {
    if (!Number.isSafeInteger(row?.offset)) throw badAnswer('The server gave an answer that is no history.');
    const { offset, user, cid, data, age_ms } = row;
    return { message: data, sender: user, sender_cid: cid, sender_rid: group, offset, sent_at: nowMs - age_ms };
  });
}
