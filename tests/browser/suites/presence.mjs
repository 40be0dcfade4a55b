// Who is still there: reloads, duplicated tabs and tabs that are gone. The first server gives nobody up while a test lasts,
// the other one at once.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { disconnected, joined, message, success } from './events.mjs';

export function presence({ inPage, openTab, brief }) {
  // Ben connects in `tab`, with the same user id whenever the tab is loaded, and joins.
  const arrive = (tab, group) =>
    tab.evaluate(async (name) => {
      sessionStorage.ben ??= crypto.randomUUID();
      window.ben = await new Person(sessionStorage.ben).connect();
      await window.ben.join(name);
      return { user: window.ben.user, cid: window.ben.cid };
    }, group);
  // Ann is in the group and hears who comes and goes.
  const listen = (group) =>
    inPage(async (name) => {
      [window.ann] = await people.connect('Ann');
      await window.ann.join(name);
    }, group);
  const part = async (tab) => {
    await tab.evaluate(() => people.part());
    await tab.close();
  };

  describe('a tab', () => {
    test('that is reloaded goes on as the same connection, and the others hear nothing', async () => {
      const tab = await openTab();
      await listen('reload');
      const before = await arrive(tab, 'reload');
      await tab.reload();
      const after = await arrive(tab, 'reload');
      await tab.evaluate(() => window.ben.post('here still', 'reload'));
      const told = await inPage(() => window.ann.heard('here still').then(() => window.ann.told));
      await part(tab);
      assert.deepEqual(after, before);
      assert.deepEqual(told, [success, joined(before, 'reload'), message(before, 'reload', 'here still')]);
    });

    test('that is duplicated is a connection of its own, and the original keeps its', async () => {
      const tab = await openTab();
      await listen('copy');
      const original = await arrive(tab, 'copy');
      // A page that window.open() gives has a copy of the opener's sessionStorage, as a duplicated tab has.
      const opening = new Promise((resolve) => tab.once('popup', resolve));
      await tab.evaluate(() => void window.open(location.href));
      const copy = await opening;
      await copy.waitForFunction(() => document.readyState === 'complete' && typeof Pipit === 'function');
      const copied = await copy.evaluate(() => sessionStorage.ben);
      const second = await arrive(copy, 'copy');
      await tab.evaluate(() => window.ben.post('the original', 'copy'));
      const told = await inPage(() => window.ann.heard('the original').then(() => window.ann.told));
      const events = await tab.evaluate(() => window.ben.told.map(({ type }) => type));
      await part(copy);
      await part(tab);
      assert.equal(copied, original.user);
      assert.notEqual(second.cid, original.cid);
      const said = message(original, 'copy', 'the original');
      assert.deepEqual(told, [success, joined(original, 'copy'), joined(second, 'copy'), said]);
      assert.deepEqual(events, ['success', 'notice', 'message']);
    });

    test('that takes over what another one left in its storage closes that one for good, once', async () => {
      const tab = await openTab();
      await listen('thief');
      const original = await arrive(tab, 'thief');
      const saved = await tab.evaluate(() => {
        dispatchEvent(new Event('pagehide'));
        return JSON.stringify(sessionStorage);
      });
      const other = await openTab();
      await other.evaluate((entries) => void Object.assign(sessionStorage, JSON.parse(entries)), saved);
      const taken = await arrive(other, 'thief');
      const events = await tab.evaluate(async () => {
        await window.ben.first('close');
        return window.ben.told.map(({ type, reason }) => reason ?? type);
      });
      await other.evaluate(() => window.ben.post('on', 'thief'));
      const told = await inPage(() => window.ann.heard('on').then(() => window.ann.told));
      await part(other);
      await tab.close();
      assert.deepEqual(taken, original);
      assert.deepEqual(events, ['success', 'taken_over', 'close']);
      assert.deepEqual(told, [success, joined(original, 'thief'), message(original, 'thief', 'on')]);
    });
  });

  describe('a tab that is closed for good', () => {
    test('is noticed as one lost connection when its grace time is over', async () => {
      const [tab, ears] = [await brief.openTab(), await brief.openTab()];
      await ears.evaluate(async () => {
        [window.ann] = await people.connect('Ann');
        await window.ann.join('tea');
      });
      const ben = await arrive(tab, 'tea');
      await tab.close();
      const told = await ears.evaluate(async () => {
        await window.ann.first(({ code }) => code === 'USER_DISCONNECTED');
        await window.ann.post('alone', 'tea');
        await window.ann.heard('alone');
        return { events: window.ann.told, user: window.ann.user, cid: window.ann.cid };
      });
      await part(ears);
      assert.deepEqual(told.events, [success, joined(ben, 'tea'), disconnected(ben, 'tea'), message(told, 'tea', 'alone')]);
    });
  });
}
