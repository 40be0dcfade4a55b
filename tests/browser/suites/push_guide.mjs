// What docs/push.md has its readers write, as it stands there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { within } from '../../integration/support/deadline.mjs';
import { openPage } from '../support/browsers.mjs';

const guide = readFileSync(new URL('../../../docs/push.md', import.meta.url), 'utf8');
const [subscribing, renewing, posting, pushing] = [...guide.matchAll(/^```js\n(.*?)^```$/gms)].map(([, lines]) => lines);
const [ANN_ID, BEN_ID] = [crypto.randomUUID(), crypto.randomUUID()];

export function pushGuide({ stage }) {
  test('the page to try it with, on a port of its own, subscribes, sends, and shows what it gets', async () => {
    const { site, system, browser } = stage;
    const url = new URL('/push/guide', site.origin);
    url.hostname = 'localhost';
    const page = await openPage(browser, url.href, { onNewDocument: watchLog });
    const prints = (text) => within(page.evaluate((wanted) => window.printed(wanted), text), `the line “… ${text}”`);
    await page.click('#enable');
    await prints('subscribed');
    await page.click('#send');
    const { body } = await system.notification('Tea');
    const line = await prints('for good');
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      for (const shown of await registration.getNotifications()) shown.close();
      await ben.disablePush();
    });
    assert.equal(body, 'It is ready.');
    assert.equal(line, '1 of 1 for good');
    await page.close();
  });

  test('the lines for a first notification subscribe, reach who is away, and tell how far a push has come', async () => {
    const { server, site, system, browser } = stage;
    const page = await openPage(browser, `${site.origin}/push/script`);
    const run = (lines) => page.evaluate(`(async () => { ${lines} })()`);
    await page.evaluate(prepare, ANN_ID, BEN_ID, server.sign('admin', { role: 'admin' }));
    await page.evaluate('pipit = ben.pipit');
    await run(`${subscribing}; button.click();`);
    await run(renewing);
    await page.evaluate(() => ann.connect().then(() => void (pipit = ann.pipit)));
    await run(posting);
    const { body } = await system.notification('Ann');
    await page.evaluate('pipit = admin');
    await run(pushing);
    const printed = await page.evaluate(() => progress.firstThat((values) => values.includes('for good')));
    await system.notification('Tea');
    await page.evaluate(async () => {
      await closeAll();
      await ben.pipit.disablePush();
      await people.part();
    });
    assert.equal(body, 'Tea is ready.');
    assert.deepEqual(printed, [1, 'of', 1, 'for good']);
    assert.deepEqual(page.complaints, []);
    await page.close();
  });
}

// ---- in the page ----

// `printed(text)` resolves with the first line of the console that ends with the text; an error that was printed rejects it.
function watchLog() {
  const lines = [];
  const waiting = [];
  const look = () => {
    for (const { text, resolve, reject } of waiting) {
      const found = lines.find(({ line }) => line.endsWith(text));
      const failed = lines.find(({ isError }) => isError);
      if (found) resolve(found.line);
      else if (failed) reject(new Error(failed.line));
    }
  };
  const take = (isError) => (...values) => {
    lines.push({ isError, line: values.join(' ') });
    look();
  };
  console.log = take(false);
  console.error = take(true);
  window.printed = (text) =>
    new Promise((resolve, reject) => {
      waiting.push({ text, resolve, reject });
      look();
    });
}

// What the lines take for granted.
function prepare(annId, benId, adminToken) {
  const progress = new Listener();
  Object.assign(window, { annId, benId, ann: new Person(annId), ben: new Person(benId), pipit: undefined, progress });
  window.admin = new Pipit({ token: adminToken });
  window.button = document.createElement('button');
  console.log = (...values) => progress.hear(values);
}
