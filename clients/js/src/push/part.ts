// The part of the SDK for notifications, a bundle of its own.
import { badAnswer } from '../errors.js';
import { HttpQuestions } from '../http.js';
import type { AskLink, HttpAsker, HttpLink } from '../link.js';
import { theBrowser } from './browser.js';
import { Enabling } from './enabling.js';
import type { PushPart } from './link.js';
import { checkPush, checkPushOptions, checkSubscription, checkUnsubscription } from './params.js';
import { showProgress } from './progress.js';

/** The text that the server has answered a caller with. */
function messageOf(answer: { message?: unknown } | undefined): string {
  if (typeof answer?.message !== 'string') throw badAnswer('The server gave an answer without a message.');
  return answer.message;
}

export const startHttp = (link: HttpLink): HttpAsker => new HttpQuestions(link);

export function start(link: AskLink): PushPart {
  /** How often all progress was given up: what began before is no longer shown. */
  let stops = 0;

  async function vapidPublicKey(): Promise<{ VAPIDPublicKey: string }> {
    const { VAPIDPublicKey } = (await link.ask('vapid', {}, () => ({ path: 'push/key' }))) ?? {};
    if (typeof VAPIDPublicKey !== 'string') throw badAnswer('The server gave an answer that is no key.');
    return { VAPIDPublicKey };
  }

  const post = (op: 'subscribe' | 'unsubscribe' | 'resubscribe' | 'push', path: string, members: object, once = false) =>
    link.ask(op, members, () => ({ path: `push/${path}`, body: JSON.stringify(members) }), once);

  const subscribe = async (members: object) => messageOf(await post('subscribe', 'subscribe', members));
  const unsubscribe = async (members: object) => messageOf(await post('unsubscribe', 'unsubscribe', members));

  const enabling = new Enabling(
    theBrowser(),
    {
      vapidPublicKey: async () => (await vapidPublicKey()).VAPIDPublicKey,
      subscribe,
      unsubscribe: (endpoint) => unsubscribe({ endpoint }),
      resubscribe: (members) => post('resubscribe', 'resubscribe', members),
    },
    link,
  );

  return {
    vapidPublicKey,
    subscribe: async (given, keys) => subscribe(checkSubscription(given, keys)),
    unsubscribe: async (given) => unsubscribe(checkUnsubscription(given)),
    async push(given, userIds, options, form) {
      const show = checkPushOptions(options);
      const stopsBefore = stops;
      // Asked again, it would be a second notification.
      const answer = await post('push', 'send', checkPush(given, userIds, form !== undefined), true);
      const message = messageOf(answer);
      if (show) void showProgress(link, String(answer.push), show, () => stops !== stopsBefore);
      return message;
    },
    enable: (options, permission) => enabling.enable(options, permission),
    disable: (options) => enabling.disable(options),
    stop: () => void (stops += 1),
  };
}
