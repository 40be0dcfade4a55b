// Notifications by skapi-js, up to what a push service gets, as a browser decrypts it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { startLine } from '../../integration/support/line.mjs';
import { Browser } from '../../push/browser.mjs';

const SUBSCRIBED = 'SUCCESS: Subscribed to receive notifications.';
const UNSUBSCRIBED = 'SUCCESS: Unsubscribed from notifications.';
const SENT = 'SUCCESS: Notification sent.';

const subscribe = (page, { subscription: { endpoint, keys } }) =>
  page.evaluate((one, other) => me.pipit.subscribeNotification(one, other), endpoint, keys);
const unsubscribe = (page, { subscription: { endpoint, keys } }) =>
  page.evaluate((one, other) => me.pipit.unsubscribeNotification(one, other), endpoint, keys);
const push = (page, notification, users) => page.evaluate((what, whom) => me.pipit.pushNotification(what, whom), notification, users);
const payloads = ({ received }) => received.map(({ notification }) => notification);
const about = (title) => ({ title, body: `About ${title}: 100 %, "é" 🫖` });

// `service()` is the push service that the world's server knows.
export function notifications({ world, service }) {
  // Somebody with a browser that has subscribed.
  async function subscriber(options) {
    const page = await world().member(options);
    const browser = new Browser(service());
    assert.equal(await subscribe(page, browser), SUBSCRIBED);
    return { page, browser, user: page.user };
  }
  // That nothing more has come for them before what is pushed now.
  async function assertHasOnly(admin, { browser, user }, wanted) {
    assert.equal(await push(admin, about('the end'), user), SENT);
    await browser.has(wanted.length + 1);
    assert.deepEqual(payloads(browser), [...wanted, about('the end')]);
  }
  const admin = () => world().member({ admin: true });

  test('the key of the server is one to subscribe with, and signs what is delivered', async () => {
    const { page, browser, user } = await subscriber();
    const { VAPIDPublicKey } = await page.evaluate(() => me.pipit.vapidPublicKey());
    assert.match(VAPIDPublicKey, /^[\w-]{87}$/);
    assert.equal(Buffer.from(VAPIDPublicKey, 'base64url')[0], 4);
    await push(await admin(), about('the key'), user);
    const [{ headers }] = await browser.has(1);
    assert.equal(headers.authorization.split('k=')[1], VAPIDPublicKey);
    assert.equal(headers['content-encoding'], 'aes128gcm');
  });

  test('an admin pushes to a user, to a list and to everyone', async () => {
    const [ann, ben, eve] = [await subscriber(), await subscriber(), await subscriber()];
    const boss = await admin();
    assert.equal(await push(boss, about('one'), ann.user), SENT);
    assert.equal(await push(boss, about('some'), [ann.user, ben.user]), SENT);
    assert.equal(await push(boss, about('all')), SENT);
    await Promise.all([ann.browser.has(3), ben.browser.has(2), eve.browser.has(1)]);
    const byTitle = (list) => list.toSorted((one, other) => (one.title < other.title ? -1 : 1));
    assert.deepEqual(byTitle(payloads(ann.browser)), byTitle([about('one'), about('some'), about('all')]));
    assert.deepEqual(byTitle(payloads(ben.browser)), byTitle([about('some'), about('all')]));
    assert.deepEqual(payloads(eve.browser), [about('all')]);
  });

  test('who unsubscribes gets nothing any more, and may do it twice', async () => {
    const { page, browser, user } = await subscriber();
    const other = new Browser(service());
    await subscribe(page, other);
    assert.deepEqual([await unsubscribe(page, browser), await unsubscribe(page, browser)], [UNSUBSCRIBED, UNSUBSCRIBED]);
    const boss = await admin();
    await push(boss, about('what is left'), user);
    await other.has(1);
    assert.deepEqual(payloads(browser), []);
  });

  describe('a post with a notification', () => {
    const post = (page, to, notification) => page.evaluate((whom, what) => me.pipit.postRealtime('wake up', whom, what), to, notification);
    const connected = async (person, group) => {
      await person.page.evaluate(async (name) => {
        await me.connect();
        await me.join(name);
      }, group);
      return person;
    };

    test('reaches a user who is away as a push, and with "always" one who is here as well', async () => {
      const [ann, ben] = [await subscriber(), await connected(await subscriber(), 'tea')];
      const eve = await world().guest('tea');
      await post(eve, ann.user, about('a post'));
      await post(eve, ben.user, { ...about('a post for sure'), config: { always: true } });
      await Promise.all([ann.browser.has(1), ben.browser.has(1), ben.page.evaluate(() => me.heard('"wake up"').then(() => true))]);
      assert.deepEqual(payloads(ann.browser), [about('a post')]);
      assert.deepEqual(payloads(ben.browser), [about('a post for sure')]);
    });

    test('reaches those in a group whose connection turns out dead, and nobody whom the message has reached', async (t) => {
      const line = await startLine(t, Number(new URL(world().server.origin).port));
      const alive = await connected(await subscriber(), 'den');
      const dead = await connected(await subscriber({ at: line.url }), 'den');
      const eve = await world().guest('den');
      line.pause();
      await post(eve, 'den', about('a group'));
      await dead.browser.has(1);
      line.resume();
      assert.deepEqual(payloads(dead.browser), [about('a group')]);
      await assertHasOnly(await admin(), alive, []);
    });

    test('in a group, with "always", reaches its members but not who has posted', async () => {
      const [ann, ben] = [await connected(await subscriber(), 'nook'), await connected(await subscriber(), 'nook')];
      await post(ann.page, 'nook', { ...about('a nook'), config: { always: true } });
      await ben.browser.has(1);
      assert.deepEqual(payloads(ben.browser), [about('a nook')]);
      await assertHasOnly(await admin(), ann, []);
    });

    test('that is too long is refused by the client, and has no effect', async () => {
      const eve = await world().guest('tea');
      const { code, message } = await eve.evaluate(
        (what) => refusal(() => me.pipit.postRealtime('hi', 'tea', what)),
        { title: 'x'.repeat(3000), body: 'y'.repeat(100) },
      );
      assert.deepEqual({ code, message }, { code: 'INVALID_PARAMETER', message: 'Notification size exceeds 3kb.' });
    });
  });

  describe('what cannot be done is refused', () => {
    const refused = async (page, name, ...args) => {
      const { code, message } = await page.evaluate((call, given) => refusal(() => me.pipit[call](...given)), name, args);
      return { code, message };
    };

    test('a push by one who is no admin, which nobody gets', async () => {
      const { page, ...ann } = await subscriber();
      const { code, message } = await refused(page, 'pushNotification', about('mischief'), ann.user);
      assert.equal(code, 'INVALID_REQUEST');
      assert.match(message, /permi|access|admin/i);
      await assertHasOnly(await admin(), ann, []);
    });

    test('what is no subscription, and what has nothing to say', async () => {
      const boss = await admin();
      const { endpoint, keys } = new Browser(service()).subscription;
      const answers = [
        await refused(boss, 'subscribeNotification', 'https://127.0.0.1/p', keys),
        await refused(boss, 'subscribeNotification', 'nonsense', keys),
        await refused(boss, 'subscribeNotification', endpoint, { ...keys, auth: '?' }),
        await refused(boss, 'subscribeNotification', '', keys),
        await refused(boss, 'pushNotification', { title: 'only' }),
        await refused(boss, 'pushNotification', { title: 'x'.repeat(3000), body: 'y'.repeat(100) }, randomUUID()),
        await refused(boss, 'pushNotification', about('nobody'), ['x'.repeat(300)]),
      ];
      assert.deepEqual(answers.map(({ code }) => code), Array(7).fill('INVALID_PARAMETER'), JSON.stringify(answers));
      assert.match(answers[0].message, /endpoint/);
      assert.match(answers[2].message, /auth/);
    });
  });
}
