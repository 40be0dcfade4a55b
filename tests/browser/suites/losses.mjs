// Who is told of in the playground when a connection is lost for good. The server gives everybody up at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../support/browsers.mjs';
import { ANN, BEN, idOf, online, openPlayground, part, say, sees } from '../support/playground_page.mjs';

export function losses({ browser, server }) {
  const open = (path) => openPlayground(browser(), server().origin + path);
  let earlier; // windows of before the page
  let page;
  before(async () => {
    earlier = { silent: await open('/?solo=Cleo'), talking: await open('/?solo=Dora') };
    for (const tab of Object.values(earlier)) await online(tab, ANN);
    page = await open('/');
    for (const who of [ANN, BEN]) await online(page, who);
  });
  after(() => page?.close());

  const lost = '[data-code="USER_DISCONNECTED"]';
  // Once the log has it, the talk would have it, too.
  const isLogged = (user) => until(page, sees, `${part(BEN, 'log-entry')}[data-type="notice"] code`, `${user}\\" has been disconnected`);

  test('somebody of whom nothing was seen goes unseen, such as a window that was closed before this one came', async () => {
    const cleo = await idOf(earlier.silent, ANN);
    await earlier.silent.close();
    await isLogged(cleo);
    assert.deepEqual(await page.$$(lost), []);
    assert.deepEqual(await page.$$(`option[value*="${cleo}"]`), []);
  });

  test('somebody who has spoken is told of', async () => {
    await earlier.talking.bringToFront();
    await say(earlier.talking, ANN, 'I was here before you.');
    await page.bringToFront();
    for (const who of [ANN, BEN]) await until(page, sees, part(who, 'bubble-text'), 'I was here before you.');
    await earlier.talking.close();
    for (const who of [ANN, BEN]) await until(page, sees, `${part(who, 'stream')} ${lost}`, 'Dora lost the connection');
  });

  test('somebody who was seen coming is told of', async () => {
    const emil = await open('/?solo=Emil');
    await online(emil, ANN);
    await page.bringToFront();
    await until(page, sees, part(BEN, 'notice'), 'Emil joined');
    await emil.close();
    for (const who of [ANN, BEN]) await until(page, sees, `${part(who, 'stream')} ${lost}`, 'Emil lost the connection');
  });
}
