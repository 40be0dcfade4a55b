// What the worker makes of all that a push service may bring: something is always shown.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const HOST = '127.0.0.1';

export function pushPayloads({ stage }) {
  // What the browser shows of this text, and what the page is `told`.
  async function shownOf(text) {
    const page = await stage().visit();
    await stage().deliver(text);
    const { notification } = await page.evaluate(() => worker.firstThat(({ type }) => type === 'pipit:push'));
    const [one, ...others] = await page.evaluate(async () =>
      (await shown()).map((notification) => {
        const { title, body, icon, image, badge, tag, silent, requireInteraction, actions } = notification;
        notification.close();
        return { title, body, icon, image, badge, tag, silent, requireInteraction, actions };
      }),
    );
    assert.deepEqual(others, []);
    assert.deepEqual(page.complaints, []);
    await page.close();
    return { ...one, told: notification };
  }

  test('all that a notification can say is said', async () => {
    const given = { title: 'Tea 🫖', body: 'It is “ready”.', tag: 'tea', silent: true, requireInteraction: true };
    const pictures = { icon: '/icon.png', image: '/image.png', badge: '/badge.png' };
    const actions = [{ action: 'drink', title: 'Drink', icon: '/cup.png' }];
    const sent = { ...given, ...pictures, actions, data: { cups: 2 }, url: '/tea', own: [1, null] };
    const { icon, image, badge, actions: [action], told, ...others } = await shownOf(JSON.stringify(sent));
    assert.deepEqual(others, given);
    assert.deepEqual(told, sent);
    const names = [icon, image, badge].map((url) => new URL(url).pathname);
    assert.deepEqual(names, Object.values(pictures));
    assert.deepEqual([action.action, action.title], ['drink', 'Drink']);
  });

  const odd = [
    ['nothing', '', ''],
    ['text', 'Tea is ready.', 'Tea is ready.'],
    ['half a JSON', '{"title":', '{"title":'],
    ['null', 'null', 'null'],
    ['a number', '7', '7'],
    ['a list', '[{"title":"x"}]', '[{"title":"x"}]'],
    ['a title that is no text', '{"title":7,"body":"b"}', 'b'],
    ['a title of blanks', '{"title":"  ","body":"b"}', 'b'],
  ];
  for (const [what, text, body] of odd) {
    test(`${what} is shown under the site’s name`, async () => {
      const shown = await shownOf(text);
      assert.deepEqual([shown.title, shown.body], [HOST, body]);
    });
  }

  const refused = [
    ['buttons that are none', { actions: 7 }],
    ['a button without a name', { actions: [{ title: 'x' }] }],
    ['to be noticed again, without a tag', { renotify: true }],
    ['silent with a pattern to vibrate in', { silent: true, vibrate: [100] }],
    ['a picture’s address that cannot be', { icon: 'https://[' }],
  ];
  for (const [what, options] of refused) {
    test(`${what}: shown without`, async () => {
      const { title, body } = await shownOf(JSON.stringify({ title: 'Tea', body: 'ready', ...options }));
      assert.deepEqual({ title, body }, { title: 'Tea', body: 'ready' });
    });
  }

  test('a newer one takes the place of an older one with its tag', async () => {
    const page = await stage().visit();
    for (const title of ['First', 'Second']) await stage().deliver(JSON.stringify({ title, body: '', tag: 'same' }));
    await stage().system.notification('Second');
    assert.deepEqual(await page.evaluate(() => titles()), ['Second']);
    await page.evaluate(() => closeAll());
    await page.close();
  });
}
