// The first page of a newcomer: what README.md shows, served as `python3 -m http.server` would.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage } from '../support/browsers.mjs';

function watchMessages() {
  window.firstMessage = new Promise((resolve) => {
    console.log = (...values) => {
      if (values[0] === 'message') resolve(values);
    };
  });
}

export function readme({ browser, site }) {
  test('the lines of README.md, pasted into a page of one’s own, print the message that comes back', async () => {
    const url = new URL('/readme', site().origin);
    url.hostname = 'localhost';
    const page = await openPage(browser(), url.href, { onNewDocument: watchMessages });
    const printed = await page.evaluate(() => window.firstMessage).catch((error) => page.complaints.concat(error.message));
    const [type, sender, text] = printed;
    assert.deepEqual([type, text], ['message', 'hello'], printed.join('\n'));
    assert.match(sender, /^[0-9a-f-]{36}$/);
    await page.close();
  });
}
