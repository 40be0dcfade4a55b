// Notifications from the WebSocket of a client to the browser of another: subscriptions, posts, pushes.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CertificateAuthority } from '../integration/support/certificates.mjs';
import { temporaryFolder } from '../integration/support/program.mjs';
import { Browser } from './browser.mjs';
import { startPostgresql } from './postgresql.mjs';
import { ended, finished, ok, push, signInAdmin, startPusher, subscribe, titled } from './pusher.mjs';
import { PushService } from './service.mjs';

const folder = temporaryFolder({ after });
const ca = join(folder, 'ca.pem');
const service = await PushService.start(new CertificateAuthority(folder).issue());
after(() => service.close());

// A first attempt, of what was asked for at `began`, says the TTL that was asked for. A second that has begun counts, so
// only whole ones that a busy machine let it wait may be missing: none, as a rule.
function assertWholeTtl({ headers, at }, ttl, began) {
  const waitedS = Math.floor((at - began) / 1_000);
  const told = Number(headers.ttl);
  assert.ok(told <= ttl && told >= ttl - waitedS, `a TTL of ${told} instead of ${ttl}, after ${waitedS} s`);
}

for (const database of ['SQLite', 'PostgreSQL']) {
  describe(`notifications kept in ${database}`, () => {
    const people = []; // everybody there has been
    const ends = [];
    const later = { after: (end) => ends.push(end) };
    let server;
    let admin;
    before(async () => {
      const settings = { 'push.confirm_timeout_ms': 3_000, 'push.subscriptions_per_user_max': 2 };
      if (database === 'PostgreSQL') {
        const postgresql = await startPostgresql();
        later.after(() => postgresql.stop());
        settings['push.database'] = postgresql.url;
      }
      server = await startPusher(later, { ca, services: [service], settings });
      admin = await signInAdmin(server, randomUUID());
    });
    after(async () => {
      for (const end of ends.reverse()) await end();
    });

    // Somebody new with a connection, `group` joined, and a browser that has subscribed.
    async function person({ group, answers, ...options } = {}) {
      const user = randomUUID();
      const client = await server.signIn(user, options);
      const browser = new Browser(service, { answers });
      await subscribe(client, browser);
      if (group) await ok(client.request({ op: 'join', group }));
      people.push({ user, client, browser });
      return people.at(-1);
    }
    // The same after the connection has gone.
    async function awayPerson(options) {
      const away = await person(options);
      await away.client.close();
      return away;
    }
    const titles = ({ browser }) => browser.received.map(({ notification }) => notification.title);
    // That nothing has come for somebody before a push that is made now; the last test looks again.
    async function assertNothingCame(somebody) {
      const id = await push(admin, titled('the end'), [somebody.user]);
      assert.deepEqual(await finished(admin, id), ended({ delivered: 1 }));
      assert.deepEqual(titles(somebody), ['the end']);
      somebody.gotNothing = true;
    }

    test('a subscription that cannot be used is refused, and what is wrong with it is named', async () => {
      const client = await server.signIn(randomUUID());
      const { endpoint, keys } = new Browser(service).subscription;
      const short = (bytes) => Buffer.alloc(bytes, 4).toString('base64url');
      const offCurve = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString('base64url');
      const bad = [
        [{ endpoint: 'http://push.example.com/p' }, /^endpoint must begin with https/],
        [{ endpoint: 'https://127.0.0.1/p' }, /^endpoint must have a host with a public address/],
        [{ endpoint: 'https://[::1]/p' }, /^endpoint must have a host with a public address/],
        [{ endpoint: 'https://10.1.2.3/p' }, /^endpoint must have a host with a public address/],
        [{ endpoint: 'https://169.254.169.254/latest' }, /^endpoint must have a host with a public address/],
        [{ endpoint: 'https://localhost:1/p' }, /^endpoint must have a host that is a public name/],
        [{ endpoint: 'https://user:pass@push.example.com/p' }, /^endpoint must have no user name/],
        [{ endpoint: 'nonsense' }, /^endpoint must/],
        [{ endpoint: undefined }, /"endpoint"/],
        [{ keys: undefined }, /"keys"/],
        [{ keys: { ...keys, p256dh: short(64) } }, /^keys\.p256dh must be an uncompressed P-256 point: 65 bytes/],
        [{ keys: { ...keys, p256dh: short(33) } }, /^keys\.p256dh must be an uncompressed P-256 point: 65 bytes/],
        [{ keys: { ...keys, p256dh: offCurve } }, /^keys\.p256dh must be a point on the curve/],
        [{ keys: { ...keys, auth: short(15) } }, /^keys\.auth must be 16 bytes/],
        [{ keys: { ...keys, auth: '?' } }, /^keys\.auth must be 16 bytes/],
      ];
      for (const [wrong, message] of bad) {
        const { error } = await client.request({ op: 'subscribe', endpoint, keys, ...wrong });
        assert.equal(error?.reason, 'invalid_parameter', JSON.stringify(wrong));
        assert.match(error.message, message);
      }
      const foreign = await client.request({ op: 'subscribe', endpoint, keys, vapid: keys.p256dh });
      assert.equal(foreign.error.reason, 'unknown_vapid_key');
    });

    test('a push to a user reaches every browser of that user, encrypted, in the name of the server', async () => {
      const { user, client, browser } = await person();
      const other = new Browser(service);
      await subscribe(client, other);
      const notification = titled('tea', { icon: '/tea.png', data: { cup: [1, 'ü', null] } });
      const id = await push(admin, notification, [user]);
      assert.deepEqual(await finished(admin, id), ended({ delivered: 2 }));
      const { VAPIDPublicKey } = await ok(client.request({ op: 'vapid' }));
      for (const { received } of [browser, other]) {
        assert.equal(received.length, 1);
        assert.deepEqual(received[0].notification, notification);
        assert.ok(!received[0].body.includes('tea'));
        assert.match(received[0].headers.authorization, new RegExp(`^vapid t=[\\w.-]+, k=${VAPIDPublicKey}$`));
      }
    });

    test('what its author leaves open has its defaults, and what is said is told to the push service', async () => {
      const { user, browser } = await person();
      const began = performance.now();
      await finished(admin, await push(admin, titled('plain'), [user]));
      const config = { ttl: 3_600, urgency: 'high', topic: 'kettle' };
      const beganSpecial = performance.now();
      await finished(admin, await push(admin, titled('special', { config }), [user]));
      const [plain, special] = browser.received;
      const told = ({ headers }) => [headers['content-encoding'], headers.urgency, headers.topic];
      assert.deepEqual(told(plain), ['aes128gcm', 'normal', undefined]);
      assert.deepEqual(told(special), ['aes128gcm', 'high', 'kettle']);
      assertWholeTtl(plain, 86_400, began);
      assertWholeTtl(special, 3_600, beganSpecial);
      assert.deepEqual(special.notification, titled('special'));
    });

    test('a second attempt tells the push service what is left of the time', async () => {
      const somebody = await person({ answers: ['/status/429/1', '/status/201'] });
      const { user, browser } = somebody;
      const began = performance.now();
      const id = await push(admin, titled('again', { config: { ttl: 3_600 } }), [user]);
      assert.deepEqual(await finished(admin, id), ended({ delivered: 1 }));
      const [first, second] = browser.received;
      assertWholeTtl(first, 3_600, began);
      const ttl = Number(second.headers.ttl);
      const waitedS = Math.floor((second.at - began) / 1_000);
      assert.ok(ttl < 3_600 && ttl >= 3_600 - waitedS, `a TTL of ${ttl} after ${waitedS} s of 3600`);
      somebody.retried = 1;
    });

    test('a push to a list reaches those on it once each, and nobody else', async () => {
      const [one, two, three] = [await person(), await awayPerson(), await person()];
      const id = await push(admin, titled('list'), [one.user, two.user, one.user, randomUUID()]);
      assert.deepEqual(await finished(admin, id), ended({ delivered: 2 }));
      for (const { browser } of [one, two]) assert.equal(browser.received.length, 1);
      await assertNothingCame(three);
    });

    test('a push to everyone reaches whoever has subscribed', async () => {
      const three = [await person(), await awayPerson(), await awayPerson()];
      const { reached, delivered } = await finished(admin, await push(admin, titled('everyone')));
      assert.ok(reached >= three.length);
      assert.equal(delivered, reached);
      for (const one of three) assert.deepEqual(titles(one), ['everyone']);
    });

    test('an endpoint belongs to whoever subscribed last, and to nobody after unsubscribing', async () => {
      const [first, second] = [await person(), await person()];
      await subscribe(second.client, first.browser);
      assert.deepEqual(await finished(admin, await push(admin, titled('hers'), [first.user])), ended({}));
      await ok(first.client.request({ op: 'unsubscribe', ...first.browser.subscription })); // not hers any more
      const both = await push(admin, titled('theirs'), [second.user]);
      assert.deepEqual(await finished(admin, both), ended({ delivered: 2 }));
      await ok(second.client.request({ op: 'unsubscribe', ...first.browser.subscription }));
      const one = await push(admin, titled('theirs, again'), [second.user]);
      assert.deepEqual(await finished(admin, one), ended({ delivered: 1 }));
      assert.equal(first.browser.received.length, 1);
    });

    test('who knows an endpoint and not its secret takes it from nobody', async () => {
      const [owner, thief] = [await person(), await person()];
      const { endpoint } = owner.browser.subscription;
      const stolen = { ...new Browser(service).subscription, endpoint };
      const own = thief.browser.subscription;
      for (const command of [
        { op: 'subscribe', ...stolen },
        { op: 'resubscribe', ...stolen, old: { endpoint: own.endpoint, auth: own.keys.auth } },
      ]) {
        const { error } = await thief.client.request(command);
        assert.equal(error?.reason, 'invalid_parameter', command.op);
        assert.match(error.message, /^keys\.auth must be what it was/);
      }
      const id = await push(admin, titled('still hers'), [owner.user, thief.user]);
      assert.deepEqual(await finished(admin, id), ended({ delivered: 2 }));
      for (const one of [owner, thief]) assert.deepEqual(titles(one), ['still hers']);
    });

    test('one browser more than a user may have takes the place of the oldest', async () => {
      const { user, client, browser } = await person();
      for (const newer of [new Browser(service), new Browser(service)]) await subscribe(client, newer);
      const id = await push(admin, titled('two'), [user]);
      assert.deepEqual(await finished(admin, id), ended({ delivered: 2 }));
      assert.equal(browser.received.length, 0);
    });

    test('a new subscription in the place of an old one needs nobody to sign in', async () => {
      const { user, browser } = await person();
      const renewed = new Browser(service);
      const old = { endpoint: browser.subscription.endpoint, auth: browser.subscription.keys.auth };
      const client = await server.signIn(randomUUID());
      const wrong = { ...old, auth: renewed.subscription.keys.auth };
      const refused = await client.request({ op: 'resubscribe', ...renewed.subscription, old: wrong });
      assert.equal(refused.error.reason, 'subscription_not_found');
      await ok(client.request({ op: 'resubscribe', ...renewed.subscription, old }));
      const id = await push(admin, titled('renewed'), [user]);
      assert.deepEqual(await finished(admin, id), ended({ delivered: 1 }));
      assert.equal(renewed.received.length, 1);
      assert.equal(browser.received.length, 0);
    });

    for (const status of [404, 410]) {
      test(`a browser that its service does not know (${status}) is not asked again`, async () => {
        const { user, browser } = await person({ answers: [`/status/${status}`] });
        assert.deepEqual(await finished(admin, await push(admin, titled('1'), [user])), ended({ gone: 1 }));
        assert.deepEqual(await finished(admin, await push(admin, titled('2'), [user])), ended({}));
        assert.equal(browser.received.length, 1);
      });
    }

    test('a browser that its service no longer knows may still put a new subscription in the place of that one, once', async () => {
      const { user, browser } = await awayPerson({ answers: ['/status/410'] });
      assert.deepEqual(await finished(admin, await push(admin, titled('too early'), [user])), ended({ gone: 1 }));
      const [renewed, again] = [new Browser(service), new Browser(service)];
      const old = { endpoint: browser.subscription.endpoint, auth: browser.subscription.keys.auth };
      const resubscribe = ({ subscription }, more) => {
        const body = JSON.stringify({ ...subscription, old, ...more });
        return server.fetch('/v1/push/resubscribe', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      };
      const guessed = { old: { ...old, auth: renewed.subscription.keys.auth } };
      assert.equal((await resubscribe(renewed, guessed)).status, 404);
      assert.equal((await resubscribe(renewed)).status, 200);
      assert.equal((await resubscribe(again)).status, 404);
      assert.deepEqual(await finished(admin, await push(admin, titled('renewed'), [user])), ended({ delivered: 1 }));
      assert.deepEqual(renewed.received.map(({ notification }) => notification.title), ['renewed']);
    });

    test('how far a push has come is told while it is on its way', async () => {
      const quick = await person();
      const slow = await person({ answers: ['/hold'] });
      const id = await push(admin, titled('slow'), [quick.user, slow.user]);
      await slow.browser.has(1);
      let progress;
      do progress = await ok(admin.request({ op: 'pushed', push: id }));
      while (progress.delivered < 1);
      assert.deepEqual(progress, { ...ended({ delivered: 1, waiting: 1 }), finished: false });
      service.release();
      assert.deepEqual(await finished(admin, id), ended({ delivered: 2 }));
      const unknown = await admin.request({ op: 'pushed', push: '987654321' });
      assert.equal(unknown.error.reason, 'push_not_found');
    });

    test('only admins push, and ask how far a push has come', async () => {
      const { user, client } = await person();
      for (const command of [
        { op: 'push', notification: titled('mine'), users: [user] },
        { op: 'push', notification: titled('mine'), everyone: true },
        { op: 'pushed', push: '1' },
      ]) {
        assert.equal((await client.request(command)).error.reason, 'not_permitted');
      }
    });

    test('a post is pushed to a user who is away', async () => {
      const { client } = await person();
      const { user, browser } = await awayPerson();
      await ok(client.request({ op: 'post', to: { user }, data: 1, notification: titled('come') }));
      const [{ notification }] = await browser.has(1);
      assert.deepEqual(notification, titled('come'));
    });

    test('a post is pushed to who does not answer, and not to who does', async () => {
      const group = randomUUID();
      const sender = await person({ group });
      const here = await person({ group });
      const dead = await person({ group, answersHeartbeats: false });
      await ok(sender.client.request({ op: 'post', to: group, data: 1, notification: titled('anyone?') }));
      const [{ notification }] = await dead.browser.has(1);
      assert.deepEqual(notification, titled('anyone?'));
      await assertNothingCame(here);
      await assertNothingCame(sender);
    });

    test('a post with config.always is pushed to who is here, too, but not to its sender', async () => {
      const group = randomUUID();
      const sender = await person({ group });
      const other = await person({ group });
      const notification = titled('always', { config: { always: true } });
      await ok(sender.client.request({ op: 'post', to: group, data: 1, notification }));
      assert.deepEqual((await other.browser.has(1))[0].notification, titled('always'));
      await assertNothingCame(sender);
    });

    test('by the end nothing has come twice, or for those it was not for', async () => {
      await server.stop();
      assert.ok(people.length > 20);
      for (const somebody of people) {
        assert.equal(new Set(titles(somebody)).size, titles(somebody).length - (somebody.retried ?? 0));
        if (!somebody.gotNothing) continue;
        assert.deepEqual(titles(somebody).filter((title) => title !== 'everyone'), ['the end']);
      }
    });
  });
}
