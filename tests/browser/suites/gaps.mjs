// What the playground shows of what was missed. The server keeps five events of a group.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../support/browsers.mjs';
import { ANN, BEN, LINE_COMPLAINT, inState, leave, online, openPlayground, part, say, sees } from '../support/playground_page.mjs';

export const FIVE_KEPT = { 'history.messages_max': 5 };

export function gaps({ browser, server }) {
  describe('what was missed', () => {
    let page;
    let cleo;
    const stream = (tab) => tab.$$eval(`${part(ANN, 'stream')} > *`, (items) => items.map(({ dataset, textContent, lastElementChild }) => {
      return dataset.testid === 'bubble' ? lastElementChild.textContent : textContent;
    }));
    before(async () => {
      page = await openPlayground(browser(), server().origin);
      await online(page, BEN);
      cleo = await openPlayground(browser(), `${server().origin}/?solo=Cleo`);
      await online(cleo, ANN);
    });
    after(async () => {
      if (cleo) await leave(cleo);
      await page?.close();
    });

    test('is counted, and the last of it is there, before what comes then', async () => {
      await cleo.setOfflineMode(true);
      await cleo.click(part(ANN, 'cut'));
      await until(cleo, inState, part(ANN, 'state'), 'reconnecting');
      await page.bringToFront();
      const said = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];
      for (const text of said) {
        await say(page, BEN, text);
        await until(page, sees, part(ANN, 'bubble-text'), text);
      }
      await cleo.bringToFront();
      await cleo.setOfflineMode(false);
      await until(cleo, sees, part(ANN, 'bubble-text'), 'seven');
      await page.bringToFront();
      await say(page, BEN, 'eight');
      await until(cleo, sees, part(ANN, 'bubble-text'), 'eight');
      const shown = await stream(cleo);
      const from = shown.indexOf('7 messages and notices were missed here');
      assert.deepEqual(shown.slice(from).filter((text) => text !== 'Back again'), [
        '7 messages and notices were missed here',
        ...said.slice(-5),
        'eight',
      ]);
    });

    test('may be nothing when the server has begun anew, and is said so', async () => {
      await server().kill();
      await server().start();
      for (const [tab, who] of [[page, BEN], [cleo, ANN]]) {
        await tab.bringToFront();
        await until(tab, sees, part(who, 'gap'), 'Perhaps messages and notices were missed here');
        await online(tab, who);
      }
      await page.bringToFront();
      await say(page, BEN, 'and on');
      await until(cleo, sees, part(ANN, 'bubble-text'), 'and on');
      const texts = await stream(cleo);
      assert.equal(texts.filter((text) => text === 'and on').length, 1, texts.join(' | '));
      for (const tab of [page, cleo]) for (const complaint of tab.complaints.splice(0)) assert.match(complaint, LINE_COMPLAINT);
    });
  });
}
