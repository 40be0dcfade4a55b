// The playground's card for notifications, with clients that are made up: whose this browser is, what a browser may refuse, what
// is sent to whom, and what is said about it.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { openPage, until } from '../support/browsers.mjs';
import { ANN as SELF, DESK, PHONE, byId, fill, inState, leave, online, openPlayground, sees } from '../support/playground_page.mjs';

// The card that is tested, beside the one that the page has.
const CARD = '[data-testid="card"]';
const part = (testid) => `${CARD} ${byId(testid)}`;
const choice = (user) => `${part('push-choice')}[value="${user}"]`;
const HOSTILE = '<img src=x onerror="window.hacked=1"> \'it’s\' \\ ${me} 🫖';

export function pushPanel({ browser, server }) {
  let page;
  before(async () => {
    page = await openPlayground(browser(), `${server().origin}/?solo=Dora`);
    await online(page, SELF);
  });
  beforeEach(async () => {
    await page.bringToFront();
    await page.evaluate(setTheScene);
  });
  afterEach(async () => {
    await page.evaluate(() => scene.clear());
    assert.deepEqual(page.complaints.splice(0), []);
    assert.deepEqual(await page.violations(), []);
  });
  after(() => leave(page));

  const open = (options) => page.evaluate((given) => scene.open(given), options);
  const click = (selector) => page.$eval(selector, (element) => element.click());
  const textOf = (testid) => page.$eval(part(testid), ({ textContent }) => textContent);
  const says = (testid, text) => until(page, sees, part(testid), text);
  const calls = () => page.evaluate(() => scene.calls.splice(0));
  const choose = (testid, value) => page.select(part(testid), value);
  const lines = () =>
    page.$$eval(part('push-line'), (elements) => elements.map(({ dataset, firstChild }) => [dataset.what, firstChild.textContent]));
  const line = (what) => until(page, isThere, `${part('push-line')}[data-what="${what}"]`);

  describe('whom this browser notifies', () => {
    const pressed = () => page.$$eval(`${part('push-choice')}[aria-pressed="true"]`, (buttons) => buttons.map(({ value }) => value));

    test('is whoever was chosen last, then nobody', async () => {
      await open();
      assert.deepEqual(await pressed(), ['']);
      for (const user of ['ann', 'ben']) {
        await click(choice(user));
        await says('push-state', `${user} is notified here`);
        assert.deepEqual(await pressed(), [user]);
        assert.deepEqual(await calls(), [[user, 'enablePush']]);
      }
      await click(choice(''));
      await until(page, inState, CARD, 'off');
      assert.deepEqual(await pressed(), ['']);
      assert.deepEqual(await calls(), [['ben', 'disablePush']]);
    });

    test('is chosen with the keyboard, and what is done is said', async () => {
      await open({ isSlow: true });
      await page.focus(choice('ann'));
      await page.keyboard.press('Enter');
      await says('push-state', 'up to a minute to answer');
      await click(choice('ben'));
      await page.evaluate(() => scene.release());
      await says('push-state', 'ann is notified here');
      assert.deepEqual(await calls(), [['ann', 'enablePush']]);
      assert.equal(await page.$eval(part('push-state'), (element) => element.getAttribute('role')), 'status');
      assert.match(await textOf('push-code'), /await pipit\.enablePush\(\)$/);
    });

    test('may be chosen in another window, and is another one here at once', async () => {
      await open();
      const tab = await openPage(browser(), `${server().origin}/healthz`);
      await tab.evaluate((key) => localStorage.setItem(key, 'cleo'), 'pipit.playground.notified');
      await says('push-state', 'cleo, of another window, is notified here');
      assert.deepEqual(await pressed(), []);
      await tab.close();
      await page.bringToFront();
      await click(choice(''));
      await until(page, inState, CARD, 'off');
      assert.deepEqual(await calls(), [['ann', 'disablePush']]);
    });

    test('is made sure of when the page is loaded, without asking', async () => {
      await open({ owner: 'ben' });
      await until(page, inState, CARD, 'on');
      assert.deepEqual(await calls(), [['ben', 'enablePush', { ask: false }]]);
    });

    for (const owner of ['ben', 'cleo']) {
      test(`is nobody when the subscription of ${owner} is lost`, async () => {
        await open({ owner, isLost: true });
        await until(page, inState, CARD, 'off');
        assert.deepEqual(await pressed(), ['']);
      });
    }
  });

  describe('where a browser does not notify, it is said why', () => {
    const problems = {
      permission_dismissed: 'Press again, and allow it.',
      subscribe_failed: 'its push service is switched off or out of reach',
      push_disabled: 'push.enabled is false',
      not_on_home_screen: 'Add to Home Screen',
      something_new: 'as the SDK says it',
    };
    for (const [reason, text] of Object.entries(problems)) {
      test(`${reason}, and one may try again`, async () => {
        await open({ problem: { reason, message: 'as the SDK says it' } });
        await click(choice('ann'));
        await until(page, inState, CARD, 'failed');
        await says('push-state', text);
        await page.evaluate(() => (scene.problem = undefined));
        await click(choice('ann'));
        await until(page, inState, CARD, 'on');
      });
    }

    test('a problem is said once, with what the browser says of it', async () => {
      await open({ problem: { reason: 'subscribe_failed', message: 'as the SDK says it', cause: { message: 'no such host' } } });
      await click(choice('ann'));
      await until(page, inState, CARD, 'failed');
      assert.match(await textOf('push-state'), /^The browser could not subscribe: [^:]+\. \(no such host\)$/);
    });

    const obstacles = {
      denied: ['permission', 'The browser blocks notifications of this page.'],
      insecure: ['isSecureContext', 'Notifications need https'],
      old: ['PushManager', 'This browser has no web push here'],
    };
    for (const [what, [lack, text]] of Object.entries(obstacles)) {
      test(`${what}: nothing to press, and one can send all the same`, async () => {
        await open({ lack });
        await until(page, inState, CARD, 'impossible');
        await says('push-state', text);
        const enabled = await page.$$eval(part('push-choice'), (buttons) => buttons.filter(({ disabled }) => !disabled).length);
        await click(part('push-post'));
        await line('accepted');
        assert.equal(enabled, 0);
      });
    }

    for (const [permission, state] of [['denied', 'impossible'], ['default', 'off']]) {
      test(`and when it becomes ${permission} in the browser’s own settings, it is seen`, async () => {
        await open({ owner: 'ann' });
        await until(page, inState, CARD, 'on');
        await page.evaluate((given) => scene.permit(given), permission);
        await until(page, inState, CARD, state);
        await page.evaluate(() => scene.permit('granted'));
        await until(page, inState, CARD, 'off');
      });
    }

    test('the question is said to be asked while it is, and not after', async () => {
      await open({ isSlow: true, permission: 'default' });
      await click(choice('ann'));
      await says('push-state', 'The browser asks whether this page may notify.');
      await page.evaluate(() => scene.permit('granted'));
      await says('push-state', 'Subscribing…');
      await page.evaluate(() => scene.release());
      await until(page, inState, CARD, 'on');
    });
  });

  describe('a post', () => {
    test('goes on the socket of who is connected, who can be closed with a click, and is pushed then', async () => {
      await open({ owner: 'ben' });
      await says('push-hint', 'ben is connected: a post comes on the socket, and is not pushed.');
      await click(part('push-close'));
      await says('push-hint', 'ben is away: a post is pushed to this browser.');
      assert.equal(await page.$eval(part('push-close'), ({ hidden }) => hidden), true);
      assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'push-post');
      await page.keyboard.press('Enter');
      await line('accepted');
      await page.evaluate(() => scene.worker('pipit:push'));
      await page.evaluate(() => scene.worker('pipit:click'));
      await line('clicked');
      assert.deepEqual(await lines(), [
        ['accepted', 'Accepted by the server'],
        ['shown', 'Pushed: this browser shows it, for ben'],
        ['clicked', 'The notification was clicked'],
      ]);
    });

    test('that somebody here has got is said to be so, and what was sent before is not taken for it', async () => {
      await open();
      await click(part('push-post'));
      await line('accepted');
      const before = await page.evaluate(() => scene.sent);
      await click(part('push-post'));
      await page.evaluate((notification) => scene.worker('pipit:push', notification), before);
      await page.evaluate(() => scene.tell('ben', { type: 'private', sender: 'cleo', message: 'It is ready. Are you there?' }));
      await page.evaluate(() => scene.tell('ben', { type: 'private', sender: 'ann', message: 'It is ready. Are you there?' }));
      await line('heard');
      assert.deepEqual((await lines()).sort(), [
        ['accepted', 'Accepted by the server'],
        ['heard', 'ben has it on the socket'],
      ]);
    });

    test('says what was filled in, to whom it was chosen', async () => {
      await open();
      await choose('push-from-select', 'ben');
      await fill(page, part('push-title'), HOSTILE);
      await fill(page, part('push-body'), HOSTILE);
      await click(`${part('push-more')} summary`);
      await fill(page, part('push-url'), '/tea');
      await fill(page, part('push-icon'), '');
      await choose('push-urgency', 'high');
      await click(part('push-always'));
      await says('push-hint', 'A post comes on ann’s sockets, and is pushed as well.');
      await click(part('push-post'));
      await line('accepted');
      const [[who, call, message, to, { data, ...notification }]] = await calls();
      const wanted = { title: HOSTILE, body: HOSTILE, url: '/tea', config: { urgency: 'high', always: true } };
      assert.deepEqual([who, call, message, to, notification], ['ben', 'postRealtime', HOSTILE, { user: 'ann' }, wanted]);
      assert.match(data.id, /^[0-9a-f-]{36}$/);
      assert.deepEqual(await run(await textOf('push-code')), ['postRealtime', HOSTILE, { user: 'the id of ann' }, wanted]);
    });

    test('to the group goes to the one that the sender has joined, and cannot be a push', async () => {
      await open();
      await choose('push-to', 'group');
      await says('push-hint', 'A post comes on the members’ sockets.');
      assert.equal(await page.$eval(part('push-push'), ({ disabled }) => disabled), true);
      await click(part('push-post'));
      await line('accepted');
      const [[, , , to]] = await calls();
      assert.deepEqual(to, { group: 'tea & "cake"' });
      const [, , recipient] = await run(await textOf('push-code'));
      assert.deepEqual(recipient, to);
      await page.evaluate(() => scene.enter('ann', null));
      assert.deepEqual(await page.$$eval(`${part('push-to')} option`, (options) => options.map(({ value }) => value)), ['user:ben', 'self', 'everyone']);
    });

    test('goes to somebody of another window, too, who was heard of here', async () => {
      await open();
      await page.evaluate(() => scene.tell('ann', { type: 'notice', sender: 'cleo' }));
      await choose('push-to', 'user:cleo');
      await says('push-hint', 'A post comes on cleo’s sockets. If there are none, it is pushed.');
    });

    test('that is refused says why, as text whatever it is', async () => {
      await open({ refusal: { code: 'INVALID_REQUEST', message: HOSTILE } });
      await click(part('push-post'));
      await line('problem');
      assert.deepEqual(await lines(), [['problem', `INVALID_REQUEST ${HOSTILE}`]]);
      assert.equal(await page.$(`${CARD} img`), null);
    });
  });

  describe('a push', () => {
    const numbers = { reached: 3, delivered: 0, waiting: 3, gone: 0, refused: 0, expired: 0, finished: false };

    for (const [to, users, code] of [['user:ben', 'ben', 'the id of ben'], ['self', 'ann', 'the id of ann'], ['everyone', null, null]]) {
      test(`to ${to} is the admin’s, and names ${users}`, async () => {
        await open();
        await choose('push-to', to);
        await click(part('push-push'));
        await line('accepted');
        const [[who, call, { data, ...notification }, user]] = await calls();
        assert.deepEqual([who, call, user ?? null], ['admin', 'pushNotification', users]);
        const wanted = { title: 'Tea', body: 'It is ready. Are you there?', url: '/', icon: '/playground/icon.png' };
        assert.deepEqual(notification, wanted);
        const [called, shown, named] = await run(await textOf('push-code'));
        assert.deepEqual([called, shown, named], ['pushNotification', wanted, code]);
      });
    }

    test('to everyone is no post', async () => {
      await open();
      await choose('push-to', 'everyone');
      await says('push-hint', 'Everyone who has subscribed is pushed to');
      assert.equal(await page.$eval(part('push-post'), ({ disabled }) => disabled), true);
    });

    test('shows its numbers while they change, and what came of it', async () => {
      await open();
      await click(part('push-push'));
      await page.evaluate((given) => scene.progress(given), numbers);
      await says('push-waiting', '3');
      await page.evaluate((given) => scene.progress(given), { ...numbers, waiting: 0, delivered: 1, gone: 1, expired: 1, finished: true });
      await line('finished');
      const shown = await page.$$eval(`${part('push-numbers')} dd`, (elements) => elements.map(({ textContent }) => textContent));
      const last = (await lines()).at(-1);
      assert.deepEqual(shown, ['3', '1', '0', '1', '0', '1']);
      assert.match(last[1], /^Delivered to the push service for 1 of 3 browsers, 1 gone: .*, 1 too late\.$/);
    });

    test('that reaches nobody says so, and one that cannot be followed says why', async () => {
      await open();
      await click(part('push-push'));
      await page.evaluate((given) => scene.progress({ ...given, reached: 0, waiting: 0, finished: true }), numbers);
      await says('push-lines', 'There was nobody to reach');
      await click(part('push-push'));
      await page.evaluate((given) => scene.progress({ ...given, error: { code: 'ERROR', message: 'It takes too long.' } }), numbers);
      await says('push-lines', 'It takes too long.');
    });
  });

  describe('the card', () => {
    test('reads out what became of something, and its fields have names', async () => {
      await open();
      const role = await page.$eval(part('push-lines'), (element) => element.getAttribute('role'));
      const nameless = await page.$$eval(`${CARD} :is(input, select)`, (fields) => fields.filter(({ labels }) => labels.length === 0).length);
      assert.deepEqual([role, nameless], ['log', 0]);
    });

    test('fits a phone, whatever people write', async () => {
      await open();
      await page.setViewport(PHONE);
      await page.$eval(part('push-body'), (input) => void (input.value = 'W'.repeat(300)));
      await click(`${part('push-more')} summary`);
      await click(part('push-push'));
      await line('accepted');
      const sizes = await page.evaluate(
        (card, button) => {
          const { right } = document.querySelector(card).getBoundingClientRect();
          const { height } = document.querySelector(button).getBoundingClientRect();
          return { inside: innerWidth, width: document.documentElement.scrollWidth, right, height };
        },
        CARD,
        part('push-push'),
      );
      await page.setViewport(DESK);
      assert.ok(sizes.width <= sizes.inside && sizes.right <= sizes.inside, JSON.stringify(sizes));
      assert.ok(sizes.height >= 36, JSON.stringify(sizes));
    });
  });
}

// What the lines of code that the card shows call: [method, ...arguments], functions left out.
async function run(code) {
  const called = [];
  const client = new Proxy({}, { get: (_, method) => async (...args) => called.push(method, ...args.filter((one) => !isProgress(one))) });
  const AsyncFunction = (async () => {}).constructor;
  await new AsyncFunction('pipit', 'admin', 'annId', 'benId', code)(client, client, 'the id of ann', 'the id of ben');
  return called;
}

const isProgress = (value) => typeof value?.progress === 'function';

// ---- in the page ----

const isThere = (selector) => document.querySelector(selector) !== null;

// `scene.open(…)` makes the card, of Ann and Ben; the rest of `scene` says what the made-up clients were asked, and has them answer.
async function setTheScene() {
  const { PushPanel } = await import('/playground/push_panel.js');
  const OWNER = 'pipit.playground.notified';
  const card = document.getElementById('push').cloneNode(true);
  card.dataset.testid = 'card';
  card.removeAttribute('id');
  for (const select of card.querySelectorAll('[name="from"], [name="to"]')) select.replaceChildren();
  const undo = [];
  const put = (object, name, descriptor) => {
    const before = Object.getOwnPropertyDescriptor(object, name);
    Object.defineProperty(object, name, { configurable: true, ...descriptor });
    undo.push(() => (before ? Object.defineProperty(object, name, before) : delete object[name]));
  };
  const permission = Object.assign(new EventTarget(), { state: 'granted' });
  const scene = { calls: [], problem: undefined };
  const record = (who, name, answer) => async (...args) => {
    scene.calls.push([who, name, ...args.filter((one) => typeof one?.progress !== 'function')]);
    return answer(...args);
  };

  class MadeUpPerson extends EventTarget {
    constructor(user, { isSlow, isLost, refusal }) {
      super();
      Object.assign(this, { user, group: 'tea & "cake"', state: 'online' });
      const enable = async () => {
        if (isSlow) await new Promise((resolve) => (scene.release = resolve));
        if (scene.problem) throw scene.problem;
        return isLost ? null : {};
      };
      this.pipit = {
        enablePush: record(user, 'enablePush', enable),
        disablePush: record(user, 'disablePush', async () => {}),
        postRealtime: record(user, 'postRealtime', async (message, to, notification) => {
          scene.sent = notification;
          if (refusal) throw refusal;
        }),
        closeRealtime: async () => this.change({ state: 'offline' }),
      };
    }

    attempt = (call) => call();

    change(members) {
      Object.assign(this, members);
      this.dispatchEvent(new Event('change'));
    }
  }

  let people;
  const find = (user) => people.find((person) => person.user === user);
  scene.open = ({ owner, problem, lack, permission: state = 'granted', ...options } = {}) => {
    scene.problem = problem;
    permission.state = state;
    if (owner) localStorage.setItem(OWNER, owner);
    put(Notification, 'permission', { get: () => (lack === 'permission' ? 'denied' : permission.state) });
    put(navigator.permissions, 'query', { value: async () => permission });
    put(navigator.serviceWorker, 'getRegistration', { value: async () => undefined });
    if (lack && lack !== 'permission') put(window, lack, { value: undefined });
    const admin = {
      pushNotification: record('admin', 'pushNotification', async (notification, user, { progress }) => {
        scene.progress = progress;
      }),
    };
    people = ['ann', 'ben'].map((user) => new MadeUpPerson(user, options));
    document.querySelector('aside').append(card);
    new PushPanel(card, { people, admin });
  };
  scene.tell = (user, event) => find(user).dispatchEvent(new CustomEvent('told', { detail: event }));
  scene.enter = (user, group) => find(user).change({ group });
  scene.permit = (state) => {
    permission.state = state;
    permission.dispatchEvent(new Event('change'));
  };
  // The service worker says this of the notification, or of what was sent last.
  scene.worker = (type, notification = scene.sent) =>
    navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data: { type, notification } }));
  scene.clear = () => {
    for (const back of undo.reverse()) back();
    localStorage.removeItem(OWNER);
    card.remove();
  };
  window.scene = scene;
}
