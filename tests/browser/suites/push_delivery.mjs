// Notifications on their whole way: from the call over the server and the push service to what Firefox shows.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DELIVERED } from '../support/push_service.mjs';
import { SUBJECT } from '../support/push_stage.mjs';

const titled = (title, more = {}) => ({ title, body: `About ${title}`, ...more });
const finished = ({ push, ...numbers }) => numbers;
const ended = (outcomes) => ({ waiting: 0, delivered: 0, gone: 0, refused: 0, expired: 0, finished: true, ...outcomes });
const delivered = (count) => ended({ reached: count, delivered: count });

export function pushDelivery({ stage }) {
  describe('subscribing', () => {
    for (const bundle of ['script', 'module']) {
      test(`as ${bundle}: enablePush() makes one subscription with the server’s key, however often it is called`, async () => {
        const page = await stage().visit({ bundle });
        const again = await page.evaluate((user) => enablePush(user), page.user);
        const key = await page.evaluate(async () => (await me.pipit.vapidPublicKey()).VAPIDPublicKey);
        assert.equal(again.endpoint, page.endpoint);
        assert.deepEqual(stage().service.subscriptions, [{ endpoint: page.endpoint, key }]);
      });
    }

    test('the subscription is of whoever has enabled notifications last', async () => {
      const ann = await stage().visit();
      const ben = await stage().visit();
      assert.equal(ben.endpoint, ann.endpoint);
      assert.deepEqual(finished(await stage().push(titled('For Ann'), ann.user)), delivered(0));
      assert.deepEqual(finished(await stage().push(titled('For Ben'), ben.user)), delivered(1));
      await stage().system.notification('For Ben');
      assert.deepEqual(await ben.evaluate(() => titles()), ['For Ben']);
    });
  });

  describe('what is shown', () => {
    test('with the page open: title, text, data, and the page is told', async () => {
      const page = await stage().visit();
      const notification = titled('Tea 🫖 & “cake”', { tag: 'tea', data: { room: 7 }, own: [1, null] });
      const progress = await stage().push(notification, page.user);
      const { title, body } = await stage().system.notification(notification.title);
      const told = await page.evaluate(() => worker.firstThat(({ type }) => type === 'pipit:push'));
      const [seen] = await page.evaluate(async () => (await shown()).map(({ tag }) => ({ tag })));
      assert.deepEqual(finished(progress), delivered(1));
      assert.deepEqual({ title, body }, titled(notification.title));
      assert.deepEqual(told.notification, notification);
      assert.deepEqual(seen, { tag: 'tea' });
    });

    test('with no page open and no worker running, and a page that is opened later finds it', async () => {
      const { system, site } = stage();
      const page = await stage().visit();
      await page.close();
      const starts = await system.workerStarts(site.origin);
      await system.stopWorker(site.origin);
      await stage().push(titled('Nobody home'), page.user);
      const { title, body } = await system.notification('Nobody home');
      assert.equal(await system.workerStarts(site.origin), starts + 1);
      const later = await stage().visit({ user: page.user });
      assert.deepEqual({ title, body }, titled('Nobody home'));
      assert.deepEqual(await later.evaluate(() => titles()), ['Nobody home']);
    });

    test('the push service was told what the caller has chosen, and by whom', async () => {
      const page = await stage().visit();
      const config = { ttl: 600, urgency: 'high', topic: 'tea' };
      await stage().push(titled('Chosen', { config }), page.user);
      const [{ headers, version, claims, code }] = await stage().service.acknowledged(page.endpoint, 1);
      const { ttl, urgency, topic } = headers;
      assert.deepEqual({ version, urgency, topic }, { version: '2.0', urgency: 'high', topic: 'tea' });
      assert.ok(ttl > 570 && ttl <= 600, ttl); // what is left of it
      assert.deepEqual([claims.aud, claims.sub, code], [stage().service.origin, SUBJECT, DELIVERED]);
    });
  });

  describe('a message with a notification', () => {
    const post = (text, { user }, notification) => stage().admin.postRealtime(text, { user }, notification);
    const titlesFor = (page) => page.evaluate(() => titles());

    test('is a message only to who is connected, and both with config.always', async () => {
      const ann = await stage().visit();
      await ann.evaluate(() => me.connect());
      await post('quiet', ann, titled('Not needed'));
      await ann.evaluate(() => me.heard('quiet'));
      await post('loud', ann, titled('Always', { config: { always: true } }));
      await ann.evaluate(() => me.heard('loud'));
      await stage().system.notification('Always');
      assert.deepEqual(await titlesFor(ann), ['Always']);
      assert.equal((await stage().service.acknowledged(ann.endpoint, 1)).length, 1);
    });

    test('is a notification to who is away, with the page closed', async () => {
      const ann = await stage().visit();
      await ann.evaluate(async () => {
        await me.connect();
        await me.pipit.closeRealtime();
      });
      await ann.close();
      await post('hello', ann, titled('Away'));
      const { body } = await stage().system.notification('Away');
      assert.equal(body, 'About Away');
    });

    test('to a group with config.always notifies all of it but the sender', async () => {
      const { service, system } = stage();
      const ann = await stage().visit();
      const ben = await stage().visit({ context: await stage().newContext() });
      for (const page of [ann, ben]) await page.evaluate(joinTea);
      const notification = titled('In the group', { config: { always: true } });
      await ann.evaluate((given) => me.pipit.postRealtime('hi', 'tea', given), notification);
      await ben.evaluate(() => me.heard('hi'));
      await system.notification(notification.title);
      await stage().push(titled('Sentinel'), ann.user);
      await system.notification('Sentinel');
      assert.deepEqual(await titlesFor(ann), ['Sentinel']);
      assert.deepEqual(await titlesFor(ben), [notification.title]);
      assert.equal((await service.acknowledged(ben.endpoint, 1)).length, 1);
    });

    test('to a group notifies who was in it and has just closed the page', async () => {
      const { service, system } = stage();
      const ann = await stage().visit();
      const ben = await stage().visit({ context: await stage().newContext() });
      for (const page of [ann, ben]) await page.evaluate(joinTea);
      await ben.close();
      await ann.evaluate((given) => me.pipit.postRealtime('still there?', 'tea', given), titled('Just gone'));
      await system.notification('Just gone');
      assert.deepEqual(await titlesFor(ann), []);
      assert.equal((await service.acknowledged(ben.endpoint, 1)).length, 1);
    });
  });

  describe('pushNotification()', () => {
    test('reaches a user, a list of users, or all who have subscribed', async () => {
      const [ann, ben] = [await stage().visit(), await stage().visit({ context: await stage().newContext() })];
      assert.notEqual(ben.endpoint, ann.endpoint);
      const nobody = crypto.randomUUID();
      assert.deepEqual(finished(await stage().push(titled('One'), ben.user)), delivered(1));
      assert.deepEqual(finished(await stage().push(titled('Two'), [ann.user, nobody])), delivered(1));
      assert.deepEqual(finished(await stage().push(titled('All'))), delivered(2));
      for (const page of [ann, ben]) await page.evaluate(() => worker.firstThat(({ notification }) => notification.title === 'All'));
      assert.deepEqual((await ann.evaluate(() => titles())).sort(), ['All', 'Two']);
      assert.deepEqual((await ben.evaluate(() => titles())).sort(), ['All', 'One']);
    });
  });

  describe('what becomes of a subscription', () => {
    test('one that was given up is gone at the push service, and soon at the server', async () => {
      const page = await stage().visit();
      await page.evaluate(async () => (await (await navigator.serviceWorker.ready).pushManager.getSubscription()).unsubscribe());
      assert.deepEqual(finished(await stage().push(titled('Gone'), page.user)), ended({ reached: 1, gone: 1 }));
      assert.deepEqual(finished(await stage().push(titled('Nowhere'), page.user)), delivered(0));
    });

    test('disablePush() ends it on both sides', async () => {
      const page = await stage().visit();
      await page.evaluate(() => me.pipit.disablePush());
      assert.deepEqual(stage().service.subscriptions, []);
      assert.deepEqual(finished(await stage().push(titled('Disabled'), page.user)), delivered(0));
    });

    for (const isOpen of [true, false]) {
      test(`one that the push service has lost is replaced by the worker, with the page ${isOpen ? 'open' : 'closed'}`, async () => {
        const { service, system } = stage();
        const page = await stage().visit();
        if (!isOpen) await page.close();
        const answered = await system.watchAnswer('/v1/push/resubscribe');
        service.forgetBrowsers();
        assert.equal(await answered(), 200);
        const [{ endpoint }, ...others] = service.subscriptions;
        assert.deepEqual(others, []);
        assert.notEqual(endpoint, page.endpoint);
        const progress = await stage().push(titled('Found again'), page.user);
        await system.notification('Found again');
        assert.deepEqual(finished(progress), delivered(1));
        assert.equal((await service.acknowledged(endpoint, 1)).length, 1);
      });
    }

    test('one that was made with an older key works on, until enablePush() makes one with the new key', async () => {
      const before = await stage().visit();
      await stage().server.rotateKey();
      assert.deepEqual(finished(await stage().push(titled('Old key'), before.user)), delivered(1));
      await stage().system.notification('Old key');
      const after = await stage().visit({ user: before.user });
      const key = await after.evaluate(async () => (await me.pipit.vapidPublicKey()).VAPIDPublicKey);
      assert.notEqual(after.endpoint, before.endpoint);
      assert.deepEqual(stage().service.subscriptions, [{ endpoint: after.endpoint, key }]);
      assert.deepEqual(finished(await stage().push(titled('New key'), before.user)), delivered(1));
      await stage().system.notification('New key');
    });
  });
}

async function joinTea() {
  await me.connect();
  await me.join('tea');
}
