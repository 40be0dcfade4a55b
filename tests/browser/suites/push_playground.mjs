// Notifications in the playground, as people use it, on their whole way: from the form to what Firefox shows.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { until } from '../support/browsers.mjs';
import { ANN, BEN, byId, fill, inState, online, openPlayground, part, sees } from '../support/playground_page.mjs';

export function pushPlayground({ stage }) {
  let page;
  before(async () => {
    page = await openPlayground(stage.browser, stage.server.origin);
    for (const who of [ANN, BEN]) await online(page, who);
  });
  afterEach(async () => {
    assert.deepEqual(page.complaints.splice(0), []);
    assert.deepEqual(await page.violations(), []);
  });
  after(() => page?.close());

  const click = (selector) => page.$eval(selector, (element) => element.click());
  const line = (what) => until(page, (selector) => document.querySelector(selector)?.textContent, `${byId('push-line')}[data-what="${what}"]`);
  const notify = async (name) => {
    await page.$$eval(byId('push-choice'), (buttons, text) => buttons.find(({ textContent }) => textContent === text).click(), name);
    await until(page, sees, byId('push-state'), name === 'Nobody' ? 'A browser has one subscription.' : `${name} is notified here`);
  };
  const send = async (how, title) => {
    await fill(page, byId('push-title'), title);
    await click(byId(`push-${how}`));
  };
  const numbers = () => page.$$eval(`${byId('push-numbers')} dd`, (elements) => elements.map(({ textContent }) => Number(textContent)));

  test('two clicks after Ben is notified here, what was posted is pushed to him, and a click on it is seen', async () => {
    await notify('Ben');
    await fill(page, byId('push-title'), 'To Ben, away');
    await click(byId('push-close'));
    await until(page, sees, byId('push-hint'), 'Ben is away: a post is pushed to this browser.');
    await click(byId('push-post'));
    const { body } = await stage.system.notification('To Ben, away');
    await line('shown');
    await stage.system.click('To Ben, away');
    await line('clicked');
    assert.equal(body, 'It is ready. Are you there?');
  });

  test('who is connected gets it on the socket, and nothing is pushed', async () => {
    await click(part(BEN, 'toggle'));
    await until(page, inState, part(BEN, 'state'), 'online');
    const { messages } = stage.service;
    const before = messages.length;
    await send('post', 'To Ben, here');
    assert.match(await line('heard'), /^Ben has it on the socket/);
    // What is pushed next comes after it.
    await send('push', 'To Ben, in any case');
    await stage.system.notification('To Ben, in any case');
    assert.equal(messages.length, before + 1);
  });

  test('a push tells its numbers, to the other, to everyone and to oneself', async () => {
    await send('push', 'To the other');
    await line('finished');
    assert.deepEqual(await numbers(), [1, 1, 0, 0, 0, 0]);
    await page.select(byId('push-to'), 'everyone');
    await send('push', 'To everyone');
    await stage.system.notification('To everyone');
    await line('finished');
    assert.deepEqual(await numbers(), [1, 1, 0, 0, 0, 0]);
    await page.select(byId('push-to'), 'self');
    await send('push', 'To oneself');
    await line('finished');
    assert.deepEqual(await numbers(), [0, 0, 0, 0, 0, 0]);
  });

  test('the browser changes hands, and another takes its notifications', async () => {
    await notify('Ann');
    await send('push', 'To Ann');
    await stage.system.notification('To Ann');
    assert.match(await line('shown'), /for Ann/);
    assert.equal(stage.service.subscriptions.length, 1);
  });

  test('after a reload it is still so, and the card knows', async () => {
    await page.reload();
    for (const who of [ANN, BEN]) await online(page, who);
    await until(page, sees, byId('push-state'), 'Ann is notified here');
    await page.select(byId('push-to'), 'self');
    await send('push', 'To Ann, later');
    await stage.system.notification('To Ann, later');
  });

  test('nobody is notified any more, on the push service’s side, too', async () => {
    await notify('Nobody');
    assert.deepEqual(stage.service.subscriptions, []);
    await page.select(byId('push-to'), 'self');
    await send('push', 'To nobody');
    await until(page, sees, byId('push-lines'), 'There was nobody to reach');
  });
}
