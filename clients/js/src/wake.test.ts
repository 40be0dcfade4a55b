import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { watchWakeUps } from './wake.js';

class FakePage extends EventTarget {
  visibilityState = 'visible';
}

/** A page, and the window's own events. */
function setUpPage() {
  const page = new FakePage();
  const view = new EventTarget();
  Object.assign(globalThis, {
    document: page,
    addEventListener: view.addEventListener.bind(view),
    removeEventListener: view.removeEventListener.bind(view),
  });
  return { page, view };
}

afterEach(() => {
  for (const name of ['document', 'addEventListener', 'removeEventListener']) Reflect.deleteProperty(globalThis, name);
});

test('without a page nothing is watched', () => {
  watchWakeUps(() => assert.fail('woken'))();
});

test('a page that is hidden wakes nobody, one that becomes visible or online does', () => {
  const { page, view } = setUpPage();
  let wakes = 0;
  const unwatch = watchWakeUps(() => void (wakes += 1));
  page.visibilityState = 'hidden';
  page.dispatchEvent(new Event('visibilitychange'));
  assert.equal(wakes, 0);
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  assert.equal(wakes, 1);
  view.dispatchEvent(new Event('online'));
  assert.equal(wakes, 2);
  unwatch();
  page.dispatchEvent(new Event('visibilitychange'));
  view.dispatchEvent(new Event('online'));
  assert.equal(wakes, 2);
});
