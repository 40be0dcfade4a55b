// As much of a service worker's global scope as is used. The types of TypeScript for it exclude those for pages.

export interface ExtendableEvent {
  /** The worker is kept alive until then. */
  waitUntil(done: Promise<unknown>): void;
}

export interface PushEvent extends ExtendableEvent {
  data: { text(): string } | null;
}

export interface NotificationEvent extends ExtendableEvent {
  /** Of the button; empty for the notification itself. */
  action: string;
  notification: Pick<Notification, 'close' | 'data'>;
}

export interface SubscriptionChangeEvent extends ExtendableEvent {
  newSubscription?: PushSubscription | null;
}

export interface SyncEvent extends ExtendableEvent {
  tag: string;
}

export interface WindowClient {
  url: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

export interface WorkerEvents {
  push: PushEvent;
  notificationclick: NotificationEvent;
  pushsubscriptionchange: SubscriptionChangeEvent;
  sync: SyncEvent;
}

export interface WorkerScope {
  registration: Pick<ServiceWorkerRegistration, 'pushManager' | 'scope' | 'showNotification'> & {
    /** Where there is background sync. */
    sync?: { register(tag: string): Promise<void> };
  };
  clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<WindowClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  /** Set by an application's own worker: the origins beside its own that a click may open. */
  pipitOrigins?: string[];
  addEventListener<Type extends keyof WorkerEvents>(type: Type, handler: (event: WorkerEvents[Type]) => void): void;
}
