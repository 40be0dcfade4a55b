// What the client and its part for notifications say to each other. They are bundles of their own, so what is named here keeps its name.

export type PushOp = 'vapid' | 'subscribe' | 'unsubscribe' | 'resubscribe' | 'push' | 'pushed';

/** What the client asks of the part. All of it rejects with a PipitError. */
export interface PushPart {
  vapidPublicKey(): Promise<{ VAPIDPublicKey: string }>;
  /** @param keys beside an endpoint that is a string */
  subscribe(subscription: unknown, keys: unknown): Promise<string>;
  unsubscribe(subscription: unknown): Promise<string>;
  /** @param form what the notification was read from, where it was a form */
  push(notification: unknown, userIds: unknown, options: unknown, form: unknown): Promise<string>;
  /** @param permission what the browser has said to the question for it; undefined where it was not asked */
  enable(options: unknown, permission: NotificationPermission | undefined): Promise<PushSubscription | null>;
  disable(options: unknown): Promise<void>;
  /** The connection is closed on purpose: no progress is asked for any more. */
  stop(): void;
}
