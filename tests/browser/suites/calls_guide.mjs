// What docs/calls.md has its readers write, as it stands there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { closeCallers, connect, hangUp, openCaller } from '../support/caller.mjs';

const guide = readFileSync(new URL('../../../docs/calls.md', import.meta.url), 'utf8');
const [calling, answering, sending] = [...guide.matchAll(/^```js\n(.*?)^```$/gms)].map(([, lines]) => lines);
const SOMEBODY = '5d1f0c2e-…';
const FILE_BYTES = 3_000_000;

export function callsGuide({ browsers, site }) {
  test('the lines for a first call show both sides to each other, and say something', async () => {
    const ann = await openCaller(browsers().ann.chromium, site());
    const ben = await openCaller(browsers().ben.firefox, site());
    for (const page of [ann, ben]) await page.evaluate(prepare);
    await ben.evaluate(`${answering}; me.pipit.connectRealtime(onRealtime).then(() => true)`);
    await ann.evaluate(`(async () => { ${calling.replace(SOMEBODY, ben.user)} })()`);
    for (const page of [ann, ben]) await page.evaluate(bothPlay);
    const printed = await ben.evaluate(() => eventually(() => window.printed));
    await closeCallers(ann, ben);
    assert.deepEqual(printed, ['text-chat', 'Do you see me?']);
  });

  test('the lines for a file send all of it', async () => {
    const ann = await openCaller(browsers().ann.chromium, site());
    const ben = await openCaller(browsers().ben.firefox, site());
    await connect(ann, ben);
    await ann.evaluate(() => eventually(() => call.channels['file-transfer'].readyState === 'open'));
    const sent = await ann.evaluate(`(async () => {
      const { channels } = call;
      const file = new File([crypto.getRandomValues(new Uint8Array(60_000)), new Uint8Array(${FILE_BYTES - 60_000})], 'cake');
      ${sending}
      return hash([file]);
    })()`);
    const arrived = await ben.evaluate((size) => receiveFile(size), FILE_BYTES);
    await hangUp(ann, ben);
    for (const page of [ann, ben]) {
      await page.evaluate(() => me.pipit.closeRealtime());
      await page.close();
    }
    assert.equal(arrived, sent);
  });
}

// ---- in the page ----

// What the lines take for granted.
function prepare() {
  for (const name of ['myVideo', 'theirVideo']) {
    window[name] = Object.assign(document.createElement('video'), { autoplay: true });
    document.body.append(window[name]);
  }
  window.pipit = me.pipit;
  window.confirm = () => true;
  console.log = (...values) => void (window.printed = values);
}

const bothPlay = () => eventually(() => myVideo.videoWidth > 0 && theirVideo.videoWidth > 0);
