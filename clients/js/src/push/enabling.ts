// Web push on this browser, from the permission to what the server is told.
import { PipitError, invalidParameter, wrongType } from '../errors.js';
import type { AskLink } from '../link.js';
import { toHttpUrl } from '../url.js';
import type { PushWorkerOptions } from '../types.js';
import type { Browser } from './browser.js';
import { keyOf } from './key.js';
import { checkSubscription } from './params.js';
import type { SavedPush } from './saved.js';

/** The browser's own steps, from the registration of the worker to the subscription, have so long. */
const BROWSER_WAIT_MS = 60_000;

const WORKER = '/pipit-sw.js';

/** What a browser throws when the same call would be refused again. */
const FINAL = ['InvalidAccessError', 'NotAllowedError', 'NotSupportedError', 'SecurityError'];

/** Of the server; each as the client asks it. */
export interface Server {
  vapidPublicKey(): Promise<string>;
  subscribe(members: Record<string, unknown>): Promise<unknown>;
  unsubscribe(endpoint: string): Promise<unknown>;
  resubscribe(members: Record<string, unknown>): Promise<unknown>;
}

class TooLate extends Error {
  constructor() {
    super(`it took longer than ${BROWSER_WAIT_MS / 1_000} s`);
  }
}

/** @param retry whether the same call may succeed later */
const browserFailed = (reason: string, text: string, retry: boolean, cause: unknown) =>
  new PipitError('ERROR', `${text}: ${cause}`, { reason, retry, cause });

const refusal = (reason: string, message: string) => new PipitError('INVALID_REQUEST', message, { reason, retry: false });

interface WorkerPlace {
  script: string;
  scope: string;
}

function checkPlace(options: unknown, allowed: string[], href: string): WorkerPlace {
  const given = (options ?? {}) as PushWorkerOptions & Record<string, unknown>;
  if (typeof given !== 'object' || Array.isArray(given)) throw wrongType('options', `an object: { ${allowed.join(', ')} }`, given);
  const unknown = Object.keys(given).find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw invalidParameter(`"${unknown}" is no member of "options". Allowed: ${allowed.join(', ')}.`);
  const worker = given.worker ?? WORKER;
  if (typeof worker !== 'string' || worker === '') throw wrongType('worker', 'the address of a script', worker);
  const script = new URL(worker, href);
  if (script.origin !== new URL(href).origin) {
    throw invalidParameter('"worker" must be of the page\'s own origin; a script there may importScripts() one of another.');
  }
  const scope = given.scope ?? new URL('./', script).pathname;
  if (typeof scope !== 'string' || scope === '') throw wrongType('scope', 'the address of a folder', scope);
  return { script: script.href, scope: new URL(scope, href).href };
}

/** Resolves when there is a worker that can be subscribed. */
async function active(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing ?? registration.waiting;
  if (registration.active || !worker) return;
  await new Promise<void>((resolve, reject) => {
    const look = () => {
      if (worker.state === 'activated') resolve();
      else if (worker.state === 'redundant') reject(new Error('it could not be installed'));
    };
    worker.addEventListener('statechange', look);
    look();
  });
}

export class Enabling {
  /** One at a time: two could each end what the other has just made. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly browser: Browser,
    private readonly pipitServer: Server,
    private readonly link: Pick<AskLink, 'log' | 'socketUrl' | 'userId' | 'wait'>,
  ) {}

  enable(options: unknown, asked: NotificationPermission | undefined): Promise<PushSubscription | null> {
    return this.next(async () => {
      const { ask = true } = (options ?? {}) as { ask?: unknown };
      if (typeof ask !== 'boolean') throw wrongType('ask', 'a boolean', ask);
      const workers = this.checkSupport();
      const { script, scope } = checkPlace(options, ['ask', 'worker', 'scope'], this.browser.href);
      const permission = asked ?? this.browser.permission();
      if (permission !== 'granted' && !ask) return null;
      this.checkPermission(permission);
      const vapid = await this.pipitServer.vapidPublicKey();
      const registration = await this.registered(workers, script, scope);
      const saved = await this.kept((all) => all.find(scope));
      const before = await registration.pushManager.getSubscription();
      const isGood = before && (keyOf(before) ?? saved?.vapid) === vapid;
      const subscription = isGood ? before : await this.subscribed(registration, before, vapid);
      await this.tell(scope, subscription, vapid, before?.endpoint, saved);
      return subscription;
    });
  }

  disable(options: unknown): Promise<void> {
    return this.next(async () => {
      const { workers } = this.browser;
      // Nothing was enabled here.
      if (!workers) return;
      const { scope } = checkPlace(options, ['worker', 'scope'], this.browser.href);
      const registration = await workers.getRegistration(scope);
      // Without one of that scope the browser gives the one around it, which is somebody else's.
      const own = registration?.scope === scope ? registration : undefined;
      const subscription = await own?.pushManager.getSubscription();
      const saved = await this.kept((all) => all.find(scope));
      await subscription?.unsubscribe();
      await this.kept((all) => all.forget(scope));
      await this.unsubscribe([subscription?.endpoint, saved?.endpoint]);
    });
  }

  private next<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const answer = this.last.then(call);
    this.last = answer.catch(() => {});
    return answer;
  }

  private checkSupport(): NonNullable<Browser['workers']> {
    const { isSecure, isApple, workers } = this.browser;
    if (!isSecure) throw refusal('insecure_page', 'Notifications need https or localhost.');
    if (workers) return workers;
    if (isApple) {
      throw refusal('not_on_home_screen', 'On an iPhone or iPad notifications need this page on the home screen: Share, then Add to Home Screen.');
    }
    throw new PipitError('ERROR', 'There is no web push here: it needs a browser with service workers.', { reason: 'no_push', retry: false });
  }

  private checkPermission(permission: NotificationPermission) {
    if (permission === 'denied') {
      throw refusal('permission_denied', 'Notifications of this page are blocked. The user can allow them in the settings of the browser.');
    }
    if (permission !== 'granted') {
      throw refusal('permission_dismissed', 'The user has not answered whether notifications are allowed. Ask again in a click.');
    }
  }

  private async registered(workers: NonNullable<Browser['workers']>, script: string, scope: string): Promise<ServiceWorkerRegistration> {
    try {
      return await this.inTime(async () => {
        const registration = await workers.register(script, { scope });
        await active(registration);
        return registration;
      });
    } catch (error) {
      const hint = /evaluation/.test(String(error)) ? ' (if it has importScripts(), can what it names be fetched?)' : '';
      throw browserFailed('worker_failed', `The service worker ${script} could not be started${hint}`, error instanceof TooLate, error);
    }
  }

  /** Anew, where there is none yet, and where the one there is was made with another key: a browser has one at a time. */
  private async subscribed(registration: ServiceWorkerRegistration, before: PushSubscription | null, vapid: string): Promise<PushSubscription> {
    try {
      return await this.inTime(async () => {
        await before?.unsubscribe();
        return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: vapid });
      });
    } catch (error) {
      const retry = !FINAL.includes((error as Error)?.name);
      throw browserFailed('subscribe_failed', 'The browser could not subscribe at its push service', retry, error);
    }
  }

  private async tell(scope: string, subscription: PushSubscription, vapid: string, endpointBefore: string | undefined, saved: SavedPush | undefined) {
    const { endpoint, keys } = checkSubscription(subscription, undefined);
    const user = this.link.userId();
    const old = saved && saved.endpoint !== endpoint && user !== undefined && saved.user === user ? saved : undefined;
    const isReplaced = old !== undefined && (await this.replaced(old, { endpoint, keys, vapid }));
    if (!isReplaced) await this.pipitServer.subscribe({ endpoint, keys, vapid });
    const current = isReplaced ? [endpoint, old.endpoint] : [endpoint];
    await this.unsubscribe([endpointBefore, saved?.endpoint].filter((before) => before !== undefined && !current.includes(before)));
    const resubscribe_url = toHttpUrl(this.link.socketUrl, 'push/resubscribe');
    await this.kept((all) => all.save(scope, { resubscribe_url, endpoint, auth: keys.auth, vapid, user }));
  }

  /** What waits for the one before then reaches the new one. False when the server knows nothing of the one before. */
  private async replaced({ endpoint, auth }: SavedPush, members: Record<string, unknown>): Promise<boolean> {
    try {
      await this.pipitServer.resubscribe({ ...members, old: { endpoint, auth } });
      return true;
    } catch (error) {
      if (error instanceof PipitError && error.reason === 'subscription_not_found') return false;
      throw error;
    }
  }

  /** An endpoint that the push service has forgotten is found out by the server at the next notification, too. */
  private async unsubscribe(endpoints: (string | undefined)[]) {
    try {
      for (const endpoint of new Set(endpoints)) if (endpoint !== undefined) await this.pipitServer.unsubscribe(endpoint);
    } catch (error) {
      this.link.log('warn', `The server could not be told of a subscription that has ended: ${error}`);
    }
  }

  /** Where nothing can be kept, the worker cannot subscribe anew by itself; the next enablePush() does. */
  private async kept<Value>(use: (all: Browser['saved']) => Promise<Value>): Promise<Value | undefined> {
    try {
      return await use(this.browser.saved);
    } catch (error) {
      this.link.log('warn', `Nothing can be kept for the service worker: ${error}`);
      return undefined;
    }
  }

  private inTime<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const late = this.link.wait(BROWSER_WAIT_MS).then(() => {
      throw new TooLate();
    });
    return Promise.race([call(), late]);
  }
}
