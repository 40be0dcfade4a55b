// How far a notification has come, told to whoever wants to see it.
import { PipitError, badAnswer, questionFailed } from '../errors.js';
import type { AskLink } from '../link.js';
import type { PushProgress } from '../types.js';

/** The first question comes soon, and each later one after half as long again, up to the longest wait. */
const WAIT_FIRST_MS = 200;
const WAIT_GROWTH = 1.5;
const WAIT_MAX_MS = 5_000;
/** A notification may be of use for weeks, and its author does not look on for so long. */
const WATCHED_MS = 600_000;

const COUNTS = ['reached', 'waiting', 'delivered', 'gone', 'refused', 'expired'] as const;

function toProgress(push: string, answer: unknown): PushProgress {
  const told = (answer ?? {}) as PushProgress;
  if (typeof told.finished !== 'boolean' || COUNTS.some((count) => !Number.isInteger(told[count]))) {
    throw badAnswer('The server gave an answer that is no progress.');
  }
  const counts = Object.fromEntries(COUNTS.map((count) => [count, told[count]])) as Pick<PushProgress, (typeof COUNTS)[number]>;
  return { push, ...counts, finished: told.finished };
}

const NOTHING_YET = { reached: 0, waiting: 0, delivered: 0, gone: 0, refused: 0, expired: 0, finished: false };

/**
 * Shows how far `push` has come, whenever that has changed, until it is finished, `isStopped`, cannot be known any more, or has been
 * watched for 10 minutes; the last two are shown as an error. Never rejects.
 */
export async function showProgress(
  link: Pick<AskLink, 'ask' | 'callOut' | 'wait'>,
  push: string,
  show: (progress: PushProgress) => void,
  isStopped: () => boolean,
): Promise<void> {
  let last: PushProgress = { push, ...NOTHING_YET };
  const tell = (progress: PushProgress) => {
    last = progress;
    link.callOut(() => show({ ...progress }));
  };
  tell(last);
  let waitMs = WAIT_FIRST_MS;
  for (let watchedMs = 0; watchedMs < WATCHED_MS; waitMs = Math.min(WAIT_MAX_MS, waitMs * WAIT_GROWTH)) {
    await link.wait(waitMs);
    watchedMs += waitMs;
    if (isStopped()) return;
    try {
      const answer = await link.ask('pushed', { push }, () => ({ path: `push/sent?push=${encodeURIComponent(push)}` }));
      if (isStopped()) return;
      const progress = toProgress(push, answer);
      if (JSON.stringify(progress) !== JSON.stringify(last)) tell(progress);
      if (progress.finished) return;
    } catch (error) {
      if (isStopped()) return;
      if (!(error instanceof PipitError) || !error.retry) return tell({ ...last, error: error as PipitError });
      // The limit of the server, or a server that is not there at the moment: the next question is as good.
      waitMs = Math.max(waitMs, error.retry_after_ms ?? 0);
    }
  }
  tell({ ...last, error: questionFailed('timeout', 'It takes longer than 10 minutes; the server is not asked any more.') });
}
