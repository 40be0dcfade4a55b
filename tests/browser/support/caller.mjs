// Somebody who makes calls, in a page of its own; what can be done there is in site/calls.js.
import assert from 'node:assert/strict';
import { openPage } from './browsers.mjs';

export const NOTHING = { connections: 0, tracks: 0, listeners: 0 };

// The page has `user` and `cid` of who sits there. `bundle` is "script" or "module".
export async function openCaller(browser, site, { bundle = 'script', user } = {}) {
  const page = await openPage(browser, `${site.origin}/calls/${bundle}`);
  return Object.assign(page, await page.evaluate((id) => arrive(id), user));
}

// They part, and nothing is left of any call.
export async function closeCallers(...callers) {
  for (const caller of callers) {
    const left = await caller.evaluate(async () => {
      await me.pipit.closeRealtime();
      return whatRemains();
    });
    assert.deepEqual(left, NOTHING);
    assert.deepEqual(caller.complaints, []);
    await caller.close();
  }
}

// `ann` calls `ben`, who answers, both with `params`, in which `media: 'CAMERA'` is the tests' camera and microphone. Resolves
// once both are connected.
export async function connect(ann, ben, { to = { cid: ben.cid }, ...params } = {}) {
  const answered = ben.evaluate((given) => answer(withCamera(given)), params);
  await ann.evaluate((callee, given) => dial(callee, withCamera(given)), to, params);
  const [how] = await Promise.all([ann.evaluate(() => outcome()), answered]);
  assert.equal(how, 'connected');
  await onBoth([ann, ben], () => inState('connected'));
}

// `ann` hangs up; both are told.
export async function hangUp(ann, ben) {
  await ann.evaluate(() => call.hangup());
  const ends = await onBoth([ann, ben], () => over());
  assert.equal(ends[1].reason, 'hung_up');
}

// The same on both sides at a time, in the page.
export const onBoth = (callers, run, ...values) => Promise.all(callers.map((caller) => caller.evaluate(run, ...values)));
