// The playground as a person uses it: one page for all tests, in which Ann and Ben are connected and in the lobby.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { until } from '../support/browsers.mjs';
import { ANN, BEN, DESK, LINE_COMPLAINT, PHONE, byId, fill, idOf, inState, leave } from '../support/playground_page.mjs';
import { online, openPlayground, part, say, sees } from '../support/playground_page.mjs';

export function playground({ browser, server, name }) {
  let page;
  const open = (path = '/') => openPlayground(browser(), server().origin + path);
  // One more window, behind the page.
  const openBehind = async (path) => {
    const tab = await open(path);
    await page.bringToFront();
    return tab;
  };
  before(async () => {
    page = await open();
    await online(page, ANN);
    await online(page, BEN);
  });
  after(() => page?.close());
  afterEach(async () => {
    assert.deepEqual(page.complaints.splice(0), []);
    assert.deepEqual(await page.violations(), []);
  });

  describe('people', () => {
    test('come in one after the other, in development mode, which is said', async () => {
      await until(page, sees, part(ANN, 'notice'), 'Ben joined');
      const names = await page.$$eval('[data-testid="name"]', (inputs) => inputs.map(({ value }) => value));
      const lines = await page.$$eval(part(BEN, 'line'), (elements) => elements.map(({ textContent }) => textContent));
      const banner = await page.$eval(byId('banner'), ({ innerText }) => innerText);
      assert.deepEqual(names, ['Ann', 'Ben']);
      assert.deepEqual(lines, ['You joined lobby']);
      assert.match(banner, /anyone on this machine can sign in as anyone/);
    });

    test('see what the other says, as text whatever it is', async () => {
      const hostile = '<img src=x onerror="window.hacked=1"> "100 %" 🫖';
      await say(page, ANN, hostile);
      const sender = await idOf(page, ANN);
      for (const who of [ANN, BEN]) {
        await until(page, sees, part(who, 'bubble-text'), hostile);
        const bubble = await page.$eval(`${part(who, 'stream')} [data-testid="bubble"]:last-child`, ({ dataset }) => ({ ...dataset }));
        assert.deepEqual([bubble.kind, bubble.sender], ['message', sender]);
      }
      assert.equal(await page.$(`${part(BEN, 'stream')} img`), null);
      assert.equal(await page.$eval(part(ANN, 'message-input'), ({ value }) => value), '');
    });

    test('whisper to one, and only that one hears', async () => {
      const cleo = await openBehind('/?solo=Cleo');
      await online(cleo, ANN);
      await until(page, (selector) => document.querySelector(selector).length === 2, part(BEN, 'private-to'));
      await page.select(part(BEN, 'private-to'), await idOf(cleo, ANN));
      await page.type(part(BEN, 'private-input'), 'psst');
      await page.click(part(BEN, 'private-send'));
      await until(cleo, sees, '[data-kind="private"] [data-testid="bubble-text"]', 'psst');
      await until(page, sees, `${part(BEN, 'stream')} [data-kind="private"]`, 'Ben to Cleo');
      await say(page, BEN, 'was that loud?');
      await until(page, sees, part(ANN, 'bubble-text'), 'was that loud?');
      const annHeard = await page.$$eval(part(ANN, 'bubble-text'), (bubbles) => bubbles.map(({ textContent }) => textContent));
      await leave(cleo);
      await until(page, sees, part(ANN, 'notice'), 'Cleo left');
      assert.ok(!annHeard.includes('psst'), annHeard.join(', '));
      assert.deepEqual(cleo.complaints, []);
    });

    test('leave the group and join another, and the other is told', async () => {
      await page.click(part(BEN, 'leave'));
      await until(page, sees, part(ANN, 'notice'), 'Ben left');
      await say(page, BEN, 'hello?');
      await until(page, sees, part(BEN, 'problem'), 'INVALID_REQUEST User has not joined to the recipient group.');
      await page.click(part(BEN, 'join'));
      await until(page, sees, `${part(ANN, 'notice')}[data-code="USER_LEFT"] ~ [data-code="USER_JOINED"]`, 'Ben joined');
      await fill(page, part(BEN, 'message-input'), '');
    });

    test('lose the line and come back, and nobody notices', async () => {
      await page.evaluate(watchStates, part(ANN, 'state'));
      await page.click(part(ANN, 'cut'));
      await until(page, sees, part(ANN, 'line'), 'Back again');
      await online(page, ANN);
      await say(page, ANN, 'here I am again');
      await until(page, sees, part(BEN, 'bubble-text'), 'here I am again');
      const notices = await page.$$eval(part(BEN, 'notice'), (lines) => lines.map(({ textContent }) => textContent));
      assert.deepEqual(await page.evaluate(() => window.states), ['reconnecting', 'online']);
      assert.ok(!notices.includes('Ann lost the connection'), notices.join(', '));
    });

    test('hang up and connect again', async () => {
      await page.click(part(BEN, 'toggle'));
      await until(page, inState, part(BEN, 'state'), 'offline');
      await page.click(part(BEN, 'toggle'));
      await until(page, inState, part(BEN, 'state'), 'online');
      await page.click(part(BEN, 'join'));
      await until(page, sees, `${part(BEN, 'line')}:last-child`, 'You joined lobby');
    });

    test('wait for a server that was killed, and are together again when it is back', async () => {
      await server().kill();
      await until(page, inState, part(ANN, 'state'), 'reconnecting');
      await server().start();
      await online(page, ANN);
      await until(page, sees, part(BEN, 'line'), 'Back again');
      await online(page, BEN);
      await say(page, BEN, 'that was close');
      await until(page, sees, part(ANN, 'bubble-text'), 'that was close');
      // A browser tells the developer about each attempt; nothing else may have gone wrong.
      for (const complaint of page.complaints.splice(0)) assert.match(complaint, LINE_COMPLAINT);
    });

    test('read every event in the log', async () => {
      const closed = await page.$eval(part(ANN, 'log'), ({ open }) => !open);
      if (closed) await page.click(part(ANN, 'log-toggle'));
      const types = await page.$$eval(part(ANN, 'log-entry'), (entries) => entries.map(({ dataset }) => dataset.type));
      const first = await page.$eval(`${part(ANN, 'log-entry')} pre`, ({ textContent }) => JSON.parse(textContent));
      assert.deepEqual(types.slice(0, 2), ['success', 'notice']);
      assert.equal(first.message, 'Connected to WebSocket server.');
    });

    test('see the newest message when the log takes room, unless they read older ones', async () => {
      await page.$eval(part(BEN, 'log'), (log) => void (log.open = false));
      for (const number of [1, 2, 3, 4, 5, 6]) await say(page, ANN, `Message ${number}`);
      await until(page, sees, part(BEN, 'bubble-text'), 'Message 6');
      const distances = [];
      for (const open of [true, false, true]) distances.push(await page.evaluate(unfold, part(BEN, 'log'), open, part(BEN, 'stream')));
      await page.evaluate(scrollBack, part(BEN, 'stream'));
      const whileReading = await page.evaluate(unfold, part(BEN, 'log'), false, part(BEN, 'stream'));
      assert.deepEqual(distances, [0, 0, 0]);
      assert.notEqual(whileReading, 0);
    });

    test('have a name that other windows learn', async () => {
      const tab = await open('/?solo=Dora');
      await online(tab, ANN);
      await fill(tab, byId('name'), 'Dorothea');
      await tab.keyboard.press('Enter');
      await page.bringToFront();
      await until(page, sees, part(ANN, 'private-to'), 'Dorothea');
      await leave(tab);
    });

    test('have more windows, which all get what is private', async () => {
      const second = await openBehind(await page.$$eval(byId('link-second-window'), ([link]) => link.getAttribute('href').replace(/^/, '/')));
      await online(second, ANN);
      assert.equal(await idOf(second, ANN), await idOf(page, ANN));
      await page.select(part(BEN, 'private-to'), await idOf(page, ANN));
      await page.type(part(BEN, 'private-input'), 'to all of you');
      await page.click(part(BEN, 'private-send'));
      for (const tab of [page, second]) await until(tab, sees, `${part(ANN, 'stream')} [data-kind="private"]`, 'to all of you');
      await leave(second);
    });
  });

  describe('the ten lines', () => {
    test('can be copied, either form', async () => {
      for (const form of ['module', 'script']) {
        await page.click(byId(`tab-${form}`));
        await until(page, (selector) => document.querySelector(selector).textContent !== 'Copied', byId('copy-code'));
        // It says so for a moment only.
        const copied = until(page, sees, byId('copy-code'), 'Copied');
        await Promise.all([copied, page.click(byId('copy-code'))]);
        const shown = await page.$eval(byId(`code-${form}`), ({ textContent }) => textContent);
        assert.equal(await pasted(page), shown);
      }
      await page.click(byId('tab-module'));
    });

    test('say hello when pasted into the console', async () => {
      const code = await page.$eval(byId('code-module'), ({ textContent }) => textContent);
      const tab = await openBehind('/?solo=Emil');
      await online(tab, ANN);
      await tab.evaluate(`(async () => { ${code}; window.user = me })()`);
      const sender = await tab.evaluate(() => window.user);
      await until(page, sees, `${part(ANN, 'bubble')}[data-sender="${sender}"]`, 'Hello!');
      await leave(tab);
      assert.deepEqual(tab.complaints, []);
    });

    test('say hello when put into a page', async () => {
      const code = await page.$eval(byId('code-script'), ({ textContent }) => textContent);
      // A page of the server's that has no policy and can be written anew.
      const tab = await openBehind('/healthz');
      await tab.setContent(`<!doctype html>${code}`);
      const sender = await tab.evaluate('me');
      await until(page, sees, `${part(ANN, 'bubble')}[data-sender="${sender}"]`, 'Hello!');
      await tab.close();
    });
  });

  test('at an address that gets no tokens, it is said why, and what to open', async () => {
    const url = new URL(server().origin);
    const home = `${url.protocol}//127.0.0.1:${url.port}/`;
    url.hostname = '0.0.0.0';
    const tab = await openPlayground(browser(), url.href);
    await until(tab, sees, byId('elsewhere'), 'on the server’s own machine only');
    const texts = await tab.$eval(byId('elsewhere'), (section) => [...section.querySelectorAll('a, pre, code')].map((one) => one.href ?? one.textContent));
    const shown = await tab.$$eval('main, nav', (elements) => elements.filter((one) => one.getClientRects().length > 0).length);
    const complaints = tab.complaints.filter((text) => !/403/.test(text));
    await tab.close();
    await page.bringToFront();
    assert.deepEqual(texts, [url.origin, home, `ssh -L ${url.port}:127.0.0.1:${url.port} 0.0.0.0`, home, 'README.md']);
    assert.deepEqual([shown, complaints], [0, []]);
  });

  describe('the page', () => {
    for (const [device, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
      test(`fits a ${device}, without scrolling sideways`, async () => {
        await page.setViewport(viewport);
        const { inside, width } = await page.evaluate(() => ({ inside: innerWidth, width: document.documentElement.scrollWidth }));
        await page.setViewport(DESK);
        assert.ok(width <= inside, `${width} px wide in ${inside} px`);
      });
    }

    test('is light or dark as the reader likes, and can be read either way', async () => {
      const prefer = (value) => page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
      for (const scheme of name === 'firefox' ? ['dark'] : ['light', 'dark']) {
        if (name !== 'firefox') await prefer(scheme);
        const { ground, ink } = await page.evaluate(() => {
          const { backgroundColor, color } = getComputedStyle(document.body);
          return { ground: backgroundColor, ink: color };
        });
        const [darker, lighter] = [luminance(ground), luminance(ink)].sort((a, b) => a - b);
        assert.equal(luminance(ground) < 0.2, scheme === 'dark', `${scheme}: ${ground}`);
        assert.ok((lighter + 0.05) / (darker + 0.05) >= 7, `${ink} on ${ground}`);
      }
    });
  });
}

// ---- in the page ----

function watchStates(selector) {
  const indicator = document.querySelector(selector);
  window.states = [];
  new MutationObserver(() => {
    if (window.states.at(-1) !== indicator.dataset.state) window.states.push(indicator.dataset.state);
  }).observe(indicator, { attributes: true, attributeFilter: ['data-state'] });
}

// How far the list is from its end, in pixels, once the page is drawn with the log open or closed.
async function unfold(log, open, list) {
  document.querySelector(log).open = open;
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const { scrollHeight, scrollTop, clientHeight } = document.querySelector(list);
  return Math.round(scrollHeight - scrollTop - clientHeight);
}

// Resolves when the page knows.
async function scrollBack(selector) {
  const list = document.querySelector(selector);
  const known = new Promise((resolve) => list.addEventListener('scroll', resolve, { once: true }));
  list.scrollTop = 0;
  await known;
}

// What is on the clipboard, by pasting it.
async function pasted(page) {
  await page.evaluate(() => {
    const area = Object.assign(document.createElement('textarea'), { id: 'pasted' });
    area.oninput = () => (area.dataset.filled = ''); // which until() sees
    document.body.append(area);
  });
  await page.focus('#pasted');
  await page.keyboard.down('Control');
  await page.keyboard.press('v', { commands: ['Paste'] });
  await page.keyboard.up('Control');
  await until(page, () => document.querySelector('#pasted').dataset.filled === '');
  return page.$eval('#pasted', (area) => (area.remove(), area.value));
}

// WCAG's relative luminance of a colour "rgb(r, g, b)".
function luminance(colour) {
  const [red, green, blue] = colour.match(/[\d.]+/g).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
