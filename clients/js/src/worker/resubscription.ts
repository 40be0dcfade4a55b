// A subscription that the browser has ended, or replaced, is made anew, and the server told which one it takes the place of
// (PROTOCOL.md 2.13, resubscribe). There may be no page to give a token, so the secret of the subscription before stands for it.
import { keyOf } from '../push/key.js';
import type { SavedPush, SavedPushes } from '../push/saved.js';
import type { WorkerScope } from './scope.js';

/** A browser ends a worker that is busy for longer than some tens of seconds. */
const WAITS_MS = [1_000, 4_000, 12_000];
const WAIT_MAX_MS = 15_000;

export const SYNC_TAG = 'pipit-resubscribe';

/** `later`: the server could not be reached, or could not do it. `lost`: it knows nothing of the one before. */
type Outcome = { kind: 'told' | 'lost' } | { kind: 'later'; afterMs?: number };

export interface Around {
  saved: SavedPushes;
  fetch: typeof fetch;
  wait(ms: number): Promise<void>;
}

export class Resubscription {
  constructor(
    private readonly worker: Pick<WorkerScope, 'registration'>,
    private readonly around: Around,
  ) {}

  /** @param given what the browser has made already; not every browser does, or says so */
  async run(given?: PushSubscription | null): Promise<void> {
    const { registration } = this.worker;
    const saved = await this.around.saved.find(registration.scope);
    // Not enabled by enablePush(): then it is not known which server is to be told.
    if (!saved) return;
    const subscription = given ?? (await this.subscribed(saved.vapid));
    if (subscription?.endpoint === saved.endpoint) return;
    if (!subscription || !(await this.told(subscription, saved))) await registration.sync?.register(SYNC_TAG);
  }

  /** Undefined when the push service could not be reached, or the permission has been taken. */
  private async subscribed(vapid: string): Promise<PushSubscription | undefined> {
    const { pushManager } = this.worker.registration;
    try {
      const current = await pushManager.getSubscription();
      return current ?? (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: vapid }));
    } catch {
      return undefined;
    }
  }

  /** False when the server could not be told. */
  private async told(subscription: PushSubscription, saved: SavedPush): Promise<boolean> {
    const { endpoint, keys } = subscription.toJSON() as { endpoint: string; keys: { auth: string } };
    const vapid = keyOf(subscription) ?? saved.vapid;
    const body = JSON.stringify({ old: { endpoint: saved.endpoint, auth: saved.auth }, endpoint, keys, vapid });
    for (const waitMs of [...WAITS_MS, undefined]) {
      const outcome = await this.post(saved.resubscribe_url, body);
      if (outcome.kind === 'told') {
        await this.around.saved.save(this.worker.registration.scope, { ...saved, endpoint, auth: keys.auth, vapid });
      }
      if (outcome.kind !== 'later') return true;
      if (waitMs !== undefined) await this.around.wait(Math.min(WAIT_MAX_MS, Math.max(waitMs, outcome.afterMs ?? 0)));
    }
    return false;
  }

  private async post(url: string, body: string): Promise<Outcome> {
    try {
      const headers = { 'content-type': 'application/json' };
      const answer = await this.around.fetch(url, { method: 'POST', headers, body, cache: 'no-store', credentials: 'omit' });
      if (answer.ok) return { kind: 'told' };
      if (answer.status !== 429 && answer.status < 500) return { kind: 'lost' };
      const seconds = Number(answer.headers.get('retry-after'));
      return seconds > 0 ? { kind: 'later', afterMs: seconds * 1_000 } : { kind: 'later' };
    } catch {
      return { kind: 'later' };
    }
  }
}
