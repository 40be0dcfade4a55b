// The token as questions over HTTP use it: the connection's own, renewed for both.
import { tokenFrom } from './core/token.js';
import type { GetToken, Token } from './core/token.js';
import type { HttpLink } from './link.js';
import type { Schedule } from './runner.js';

/** @param getToken may be left out where `held` cannot be renewed */
export const httpToken = (
  held: Token,
  getToken: GetToken | undefined,
  nowMs: () => number,
  schedule: Schedule,
): Pick<HttpLink, 'usable' | 'canRenew' | 'renew' | 'expired' | 'later'> => ({
  usable: () => held.usable(nowMs()),
  canRenew: held.canRenew,
  renew: async () => {
    const text = await tokenFrom(getToken!);
    held.replace(text);
    return text;
  },
  expired: (text) => held.expired(text),
  later: (ms, call) => {
    const timer = schedule.setTimer(call, ms);
    return () => schedule.clearTimer(timer);
  },
});
