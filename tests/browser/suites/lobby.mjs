// Who is where, in the playground: one page with Ann and Ben, and windows of others who come and go.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { until } from '../support/browsers.mjs';
import { ANN, BEN, DESK, LINE_COMPLAINT, PHONE, byId, fill, idOf, inState, join } from '../support/playground_page.mjs';
import { leave, online, openPlayground, part, sees } from '../support/playground_page.mjs';
import { Server } from '../support/server.mjs';

export function lobby({ browser, server, scheme }) {
  let page;
  // A window of somebody else, behind the page.
  const open = async (path) => {
    const tab = await openPlayground(browser(), server().origin + path);
    await online(tab, ANN);
    await page.bringToFront();
    return tab;
  };
  before(async () => {
    page = await openPlayground(browser(), server().origin);
    for (const who of [ANN, BEN]) await online(page, who);
  });
  after(() => page?.close());
  beforeEach(() => page.bringToFront());
  afterEach(async () => {
    assert.deepEqual(page.complaints.splice(0), []);
    assert.deepEqual(await page.violations(), []);
  });

  describe('groups', () => {
    test('come, change their number and go while one looks, each in its own row', async () => {
      const cleo = await open('/?solo=Cleo');
      await join(cleo, ANN, 'attic');
      const row = (group) => `${part(ANN, 'groups-list')} [data-key="${group}"]`;
      await until(page, sees, `${row('attic')} [data-testid="group-count"]`, '1');
      await page.$eval(row('attic'), (element) => void (element.isTheSame = true));
      await join(page, BEN, 'attic');
      await until(page, sees, `${row('attic')} [data-testid="group-count"]`, '2');
      const label = await page.$eval(`${row('attic')} button`, (button) => button.getAttribute('aria-label'));
      const isTheSame = await page.$eval(row('attic'), (element) => element.isTheSame);
      await join(page, BEN, 'lobby');
      await leave(cleo);
      await until(page, (selector) => !document.querySelector(selector), row('attic'));
      assert.equal(label, 'Join attic, 2 people');
      assert.equal(isTheSame, true);
    });

    test('are joined by a click, and the joined one is marked', async () => {
      const cleo = await open('/?solo=Cleo');
      await join(cleo, ANN, 'attic');
      await until(page, sees, part(ANN, 'group'), 'attic');
      await page.click(`${part(ANN, 'groups-list')} [data-key="attic"] button`);
      await until(page, sees, part(ANN, 'line'), 'You joined attic');
      await until(page, sees, part(ANN, 'members-head'), 'In attic');
      await until(cleo, sees, part(ANN, 'member'), 'Ann');
      const marked = await page.$$eval(`${part(ANN, 'groups-list')} [aria-current="true"]`, (buttons) =>
        buttons.map((button) => button.getAttribute('aria-label').replace(/,.*/, '')),
      );
      await join(page, ANN, 'lobby');
      await leave(cleo);
      assert.deepEqual(marked, ['In attic']);
    });

    test('are found by how their names begin, or said not to be there', async () => {
      const search = part(ANN, 'groups-search');
      await fill(page, search, 'lob');
      await until(page, sees, part(ANN, 'group'), 'lobby');
      await fill(page, search, 'xyz');
      await until(page, sees, `${part(ANN, 'groups')} ${byId('hint')}`, 'No group starts with “xyz”.');
      assert.equal(await page.$(part(ANN, 'group')), null);
      await page.focus(search);
      for (let letter = 0; letter < 3; letter++) await page.keyboard.press('Backspace');
      await until(page, sees, part(ANN, 'group'), 'lobby');
    });

    test('come with the busiest first, keep the focus, and end with “and more” beyond the first twenty', async () => {
      const crowd = await openPlayground(browser(), `${server().origin}/healthz`);
      await crowd.evaluate(connectCrowd, 20);
      await page.bringToFront();
      await until(page, (selector) => document.querySelectorAll(selector).length === 20, part(ANN, 'group'));
      await until(page, isShown, `${part(ANN, 'groups')} ${byId('more')}`);
      await until(page, sees, part(ANN, 'lobby-counts'), '20+ groups');
      await page.select(part(ANN, 'groups-order'), 'number_of_users');
      await until(page, isFirst, part(ANN, 'group'), 'lobby');
      await page.focus(`${part(ANN, 'groups-list')} [data-key="lobby"] button`);
      await crowd.evaluate(() => Promise.all(window.crowd.slice(0, 4).map((pipit) => pipit.joinRealtime({ group: 'room 19' }))));
      await until(page, isFirst, part(ANN, 'group'), 'room 19');
      const focused = await page.evaluate(() => document.activeElement.closest('li')?.dataset.key);
      await page.select(part(ANN, 'groups-order'), 'group');
      await crowd.evaluate(() => Promise.all(window.crowd.map((pipit) => pipit.closeRealtime())));
      await crowd.close();
      await until(page, (selector) => document.querySelectorAll(selector).length === 1, part(ANN, 'group'));
      assert.equal(focused, 'lobby');
      assert.equal(await page.evaluate(isShown, `${part(ANN, 'groups')} ${byId('more')}`), false);
    });
  });

  describe('members', () => {
    test('appear and go, one entry a person with all windows below it, the own ones marked', async () => {
      const [link] = await page.$$eval(byId('link-second-window'), (links) => links.map((element) => element.getAttribute('href')));
      const second = await open(`/${link}`);
      const ann = `${part(ANN, 'members-list')} [data-key="${await idOf(page, ANN)}"]`;
      await until(page, (selector) => document.querySelectorAll(selector).length === 2, `${ann} ${byId('device')}`);
      const marks = await page.$$eval(`${ann} ${byId('device')}`, (devices) =>
        devices.map(({ dataset, textContent }) => [dataset.own, textContent.includes('this one')]),
      );
      const people = await page.$$eval(part(ANN, 'member'), (members) =>
        members.map(({ tagName, textContent }) => [tagName, textContent]),
      );
      await leave(second);
      await until(page, (selector) => document.querySelectorAll(selector).length === 1, `${ann} ${byId('device')}`);
      assert.deepEqual(marks.sort(), [['false', false], ['true', true]]);
      assert.deepEqual(people.sort(), [['BUTTON', 'Ben'], ['P', 'Annyou']]);
    });

    test('are whispered to after a click', async () => {
      const cleo = await open('/?solo=Cleo');
      const user = await idOf(cleo, ANN);
      await until(page, sees, part(BEN, 'member'), 'Cleo');
      await page.click(`${part(BEN, 'members-list')} [data-key="${user}"] button`);
      await page.keyboard.type('over here');
      await page.keyboard.press('Enter');
      await until(cleo, sees, '[data-kind="private"] [data-testid="bubble-text"]', 'over here');
      await leave(cleo);
      await until(page, (key, list) => !document.querySelector(`${list} [data-key="${key}"]`), user, part(BEN, 'members-list'));
    });

    test('of no group are none, and joining one is proposed', async () => {
      await page.click(part(BEN, 'leave'));
      await until(page, sees, `${part(BEN, 'members')} ${byId('hint')}`, 'Join a group to see who is in it.');
      await join(page, BEN, 'lobby');
      await until(page, sees, part(BEN, 'member'), 'Ann');
    });
  });

  describe('the lists', () => {
    test('are grey while the connection is lost, and right again when it is back', async () => {
      const cleo = await open('/?solo=Cleo');
      await until(page, sees, part(ANN, 'member'), 'Cleo');
      await server().kill();
      for (const list of ['groups', 'members']) await until(page, inState, part(ANN, list), 'lost');
      await cleo.close();
      await server().start();
      for (const list of ['groups', 'members']) await until(page, inState, part(ANN, list), 'live');
      await online(page, BEN);
      await until(page, sees, part(ANN, 'lobby-counts'), '2 here · 1 group');
      // A browser tells the developer about each attempt; nothing else may have gone wrong.
      for (const complaint of page.complaints.splice(0)) assert.match(complaint, LINE_COMPLAINT);
    });

    test('are empty without a connection, and come with it', async () => {
      await page.click(part(BEN, 'toggle'));
      for (const list of ['groups', 'members']) await until(page, sees, `${part(BEN, list)} ${byId('hint')}`, 'Not connected.');
      await page.click(part(BEN, 'toggle'));
      await until(page, inState, part(BEN, 'state'), 'online');
      await until(page, sees, part(BEN, 'group'), 'lobby');
      await join(page, BEN, 'lobby');
      await until(page, sees, part(BEN, 'member'), 'Ann');
    });

    test('say why when the server shows them to admins only', async () => {
      const strict = await Server.start(scheme, { 'access.list': 'admins' });
      const tab = await openPlayground(browser(), `${strict.origin}/?solo=Eve`);
      await online(tab, ANN);
      const why = 'No permission to see this. The setting access.list decides who may.';
      for (const list of ['groups', 'members']) {
        await until(tab, inState, part(ANN, list), 'refused');
        await until(tab, sees, `${part(ANN, list)} ${byId('hint')}`, why);
      }
      await leave(tab);
      await strict.stop();
      assert.deepEqual(tab.complaints, []);
    });

    test('fit a phone, whatever people call their group', async () => {
      const name = 'W'.repeat(80);
      await join(page, BEN, name);
      await page.setViewport(PHONE);
      const before = await page.$eval(part(ANN, 'lobby'), ({ open }) => open);
      await page.click(part(ANN, 'lobby-toggle'));
      await page.click(part(ANN, 'lobby-toggle'));
      await until(page, sees, part(ANN, 'group'), name);
      const sizes = await page.evaluate(
        (group, device) => {
          const { height } = document.querySelector(group).getBoundingClientRect();
          const { right } = document.querySelector(device).getBoundingClientRect();
          return { inside: innerWidth, width: document.documentElement.scrollWidth, height, right };
        },
        part(ANN, 'group'),
        part(ANN, 'device'),
      );
      await page.setViewport(DESK);
      await join(page, BEN, 'lobby');
      assert.equal(before, true);
      assert.ok(sizes.width <= sizes.inside, `${sizes.width} px wide in ${sizes.inside} px`);
      assert.ok(sizes.right <= sizes.inside && sizes.height >= 36, JSON.stringify(sizes));
    });

    test('are folded away on a phone, and tell the numbers all the same', async () => {
      const tab = await openPlayground(browser(), 'about:blank');
      await tab.setViewport(PHONE);
      await tab.goto(`${server().origin}/?solo=Cleo`);
      await online(tab, ANN);
      await until(tab, sees, part(ANN, 'lobby-counts'), '3 here · 1 group');
      const isOpen = await tab.$eval(part(ANN, 'lobby'), ({ open }) => open);
      await tab.click(part(ANN, 'lobby-toggle'));
      await until(tab, isShown, part(ANN, 'members-list'));
      await leave(tab);
      assert.equal(isOpen, false);
    });
  });
}

// ---- in the page ----

const isShown = (selector) => document.querySelector(selector).getClientRects().length > 0;

const isFirst = (selector, text) => document.querySelector(selector)?.textContent.startsWith(text);

// So many people, each in a room of their own.
async function connectCrowd(count) {
  const { Pipit } = await import('/pipit.mjs');
  const enter = async (_, index) => {
    const user = crypto.randomUUID();
    const getToken = () => fetch(`/dev/token?user=${user}`).then((response) => response.json()).then(({ token }) => token);
    const pipit = new Pipit({ getToken });
    await pipit.connectRealtime(() => {});
    await pipit.joinRealtime({ group: `room ${index}` });
    return pipit;
  };
  window.crowd = await Promise.all(Array.from({ length: count }, enter));
}
