// What docs/push.md has its readers write, as it stands there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openPage } from '../support/browsers.mjs';

const guide = readFileSync(new URL('../../../docs/push.md', import.meta.url), 'utf8');
const [subscribing, renewing, posting, pushing] = [...guide.matchAll(/^```js\n(.*?)^```$/gms)].map(([, lines]) => lines);
const [ANN_ID, BEN_ID] = [crypto.randomUUID(), crypto.randomUUID()];

export function pushGuide({ stage }) {
  test('the lines for a first notification subscribe, reach who is away, and tell how far a push has come', async () => {
    const { server, site, system, browser } = stage();
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

// What the lines take for granted.
function prepare(annId, benId, adminToken) {
  const progress = new Listener();
  Object.assign(window, { annId, benId, ann: new Person(annId), ben: new Person(benId), pipit: undefined, progress });
  window.admin = new Pipit({ token: adminToken });
  window.button = document.createElement('button');
  console.log = (...values) => progress.hear(values);
}
