// A browser's web push for tests: one registration a scope, one subscription a registration.
import type { SavedPush, SavedPushes } from '../push/saved.js';

const toBytes = (text: string): ArrayBuffer => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0)).buffer;

export class FakeSubscription {
  readonly options: { applicationServerKey: ArrayBuffer | null };

  constructor(
    private readonly manager: FakePushManager,
    readonly endpoint: string,
    key: string | null,
  ) {
    this.options = { applicationServerKey: key === null ? null : toBytes(key) };
  }

  async unsubscribe(): Promise<boolean> {
    this.manager.current = null;
    return true;
  }

  toJSON() {
    return { endpoint: this.endpoint, expirationTime: null, keys: { p256dh: `p of ${this.endpoint}`, auth: `a of ${this.endpoint}` } };
  }
}

export class FakePushManager {
  current: FakeSubscription | null = null;
  /** What the push service refuses with. */
  refusal: Error | undefined;
  /** A browser that does not tell which key a subscription was made with. */
  hidesKey = false;
  made = 0;

  async getSubscription() {
    return this.current;
  }

  async subscribe({ userVisibleOnly, applicationServerKey }: { userVisibleOnly: boolean; applicationServerKey: string }) {
    if (this.refusal) throw this.refusal;
    if (!userVisibleOnly || this.current) throw new Error('a browser refuses that');
    const key = this.hidesKey ? null : applicationServerKey;
    this.current = new FakeSubscription(this, `https://push.example.net/${++this.made}`, key);
    return this.current;
  }
}

export class FakeWorker extends EventTarget {
  state = 'installing';

  become(state: string) {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

export class FakeRegistration {
  readonly pushManager = new FakePushManager();
  installing: FakeWorker | null = null;
  waiting: FakeWorker | null = null;
  active: FakeWorker | null = new FakeWorker();

  constructor(readonly scope: string) {}
}

/** The `navigator.serviceWorker` of a page. */
export class FakeWorkers {
  readonly registrations = new Map<string, FakeRegistration>();
  readonly scripts: string[] = [];
  refusal: Error | undefined;

  async register(script: string, { scope }: { scope: string }) {
    if (this.refusal) throw this.refusal;
    this.scripts.push(script);
    return this.in(scope);
  }

  /** The one of the innermost scope around the address. */
  async getRegistration(address: string) {
    const around = [...this.registrations.values()].filter(({ scope }) => address.startsWith(scope));
    return around.sort((a, b) => b.scope.length - a.scope.length)[0];
  }

  in(scope: string): FakeRegistration {
    let registration = this.registrations.get(scope);
    if (!registration) this.registrations.set(scope, (registration = new FakeRegistration(scope)));
    return registration;
  }
}

export class FakeSaved extends Map<string, SavedPush> implements SavedPushes {
  find = async (scope: string) => this.get(scope);
  save = async (scope: string, saved: SavedPush) => void this.set(scope, saved);
  forget = async (scope: string) => void this.delete(scope);
}
