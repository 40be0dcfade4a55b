// What a click on a notification opens. `deliver` shows a notification to who has visited this page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadlineMs } from '../../integration/support/deadline.mjs';

export function pushClicks({ stage, deliver, hasButtons }) {
  const addressed = (path) => `${stage.site.origin}${path}`;

  // Clicks, and resolves with the tab that was opened by that.
  async function opened(url, title, button) {
    const { browser, system } = stage;
    const target = browser.waitForTarget((one) => one.url() === url, { timeout: deadlineMs });
    await system.click(title, button);
    return (await target).page();
  }

  test('it opens the page that the notification names, where no window shows it', async () => {
    const page = await stage.visit();
    await deliver({ title: 'Thanks', body: '', url: '/thanks?from=worker' }, page);
    const tab = await opened(addressed('/thanks?from=worker'), 'Thanks');
    assert.deepEqual(await page.evaluate(() => titles()), []);
    await tab.close();
    await page.close();
  });

  test('it opens it when no page of the site is open at all', async () => {
    const page = await stage.visit();
    await page.close();
    await deliver({ title: 'Asleep', body: '', url: '/thanks?asleep' }, page);
    const tab = await opened(addressed('/thanks?asleep'), 'Asleep');
    await tab.close();
  });

  test('it brings the page to the front and tells it, where a window shows it', async () => {
    const { browser, system } = stage;
    const page = await stage.visit();
    const cover = await browser.newPage();
    await cover.bringToFront();
    await page.evaluate(() => whenItIs('hidden'));
    const notification = { title: 'Back', body: '', url: new URL(page.url()).pathname };
    await deliver(notification, page);
    await system.click('Back');
    const told = await page.evaluate(() => worker.firstThat(({ type }) => type === 'pipit:click'));
    await page.evaluate(() => whenItIs('visible'));
    assert.deepEqual(told, { type: 'pipit:click', notification, action: '', url: page.url() });
    await cover.close();
    await page.close();
  });

  test('a page of another site, and what is no page, is not opened: the site is', async () => {
    const page = await stage.visit();
    for (const url of ['https://pipit.example/', 'javascript:alert(1)', 'about:config']) {
      const notification = { title: `To ${url}`, body: '', url };
      await deliver(notification, page);
      await stage.system.click(notification.title);
      const told = await page.evaluate((title) => worker.firstThat((one) => one.type === 'pipit:click' && one.notification.title === title), notification.title);
      assert.equal(told.url, addressed('/'));
    }
    await page.close();
  });

  if (!hasButtons) return;
  test('a button opens its own page, and one without the notification’s', async () => {
    const page = await stage.visit();
    const actions = [
      { action: 'reply', title: 'Reply', url: '/thanks?reply' },
      { action: 'later', title: 'Later' },
    ];
    for (const [button, path] of [['Reply', '/thanks?reply'], ['Later', '/thanks?whole']]) {
      await deliver({ title: 'Two buttons', body: '', url: '/thanks?whole', actions }, page);
      const tab = await opened(addressed(path), 'Two buttons', button);
      await tab.close();
    }
    await page.close();
  });
}
