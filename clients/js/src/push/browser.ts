// What web push needs of the browser; the tests give their own.
import { StoredPushes } from './saved.js';
import type { SavedPushes } from './saved.js';

export interface Browser {
  isSecure: boolean;
  /** An iPhone or iPad, whose pages have web push only on the home screen. */
  isApple: boolean;
  /** Undefined where there is no web push. */
  workers: Pick<ServiceWorkerContainer, 'getRegistration' | 'register'> | undefined;
  permission: () => NotificationPermission;
  /** Of the page. */
  href: string;
  saved: SavedPushes;
}

/** An iPad says that it is a Mac, but a Mac has no touch screen. */
const isApple = ({ userAgent, platform, maxTouchPoints }: Navigator): boolean =>
  /iPhone|iPad/.test(userAgent) || (platform === 'MacIntel' && maxTouchPoints > 1);

/** In Node there is no `isSecureContext`, and no page either. */
export const theBrowser = (): Browser => ({
  isSecure: globalThis.isSecureContext !== false,
  isApple: globalThis.document !== undefined && isApple(navigator),
  workers: globalThis.PushManager && globalThis.Notification && globalThis.navigator?.serviceWorker,
  permission: () => Notification.permission,
  href: globalThis.location?.href,
  saved: new StoredPushes(),
});
