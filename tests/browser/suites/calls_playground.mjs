// Calls in the playground, as people make them: Ann sits at a Chromium, Ben at a Firefox.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { launch, until } from '../support/browsers.mjs';
import { ANN as SELF, PHONE, byId, idOf, inState, leave, online, openPlayground, sees } from '../support/playground_page.mjs';

const FILE_BYTES = 20_000_000;
// What a name may do to a page or a disk, and what is left of it.
const HOSTILE_NAME = '<img src=x onerror=alert(1)>.bin';
const SAFE_NAME = '_img src=x onerror=alert(1)_.bin';

export function callsPlayground({ browsers, server }) {
  const folder = mkdtempSync(join(tmpdir(), 'pipit-files-'));
  const file = join(folder, HOSTILE_NAME);
  let ann;
  let ben;
  const open = async (browser, path) => {
    const page = await openPlayground(browser, server().origin + path);
    await online(page, SELF);
    return page;
  };
  before(async () => {
    ann = await open(browsers().ann.chromium, '/?solo=Ann');
    ben = await open(browsers().ben.firefox, '/?solo=Ben');
  });
  after(async () => {
    for (const page of [ann, ben]) await leave(page);
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const page of [ann, ben]) {
      await page.evaluate(press, byId('call-hangup'));
      await until(page, isOver, byId('call'));
      await page.evaluate(press, byId('call-close'));
    }
    for (const page of [ann, ben]) {
      assert.deepEqual(page.complaints.splice(0), []);
      assert.deepEqual(await page.violations(), []);
    }
  });

  const inCall = (page, state) => until(page, inState, byId('call'), state);
  const click = (page, testid) => page.$eval(byId(testid), (button) => button.click());
  const callFrom = async (page, other) => {
    const row = `${byId('members-list')} [data-key="${await idOf(other, SELF)}"] ${byId('member-call')}`;
    await until(page, isThere, row);
    await page.$eval(row, (button) => button.click());
  };
  const meet = async (answer = 'call-answer') => {
    await callFrom(ann, ben);
    await inCall(ben, 'ringing');
    await click(ben, answer);
    for (const page of [ann, ben]) await inCall(page, 'connected');
  };
  test('a member is called with a click, sees who it is, answers, and both see each other', async () => {
    await callFrom(ann, ben);
    await inCall(ann, 'calling');
    await ann.evaluate(plays, byId('local-video'));
    await inCall(ben, 'ringing');
    await until(ben, sees, byId('call-status'), 'is calling');
    await click(ben, 'call-answer');
    for (const page of [ann, ben]) {
      await inCall(page, 'connected');
      await page.evaluate(plays, byId('remote-video'));
      await until(page, sees, byId('call-path'), 'Direct · ');
    }
  });

  test('the other sees when one is muted or the camera is off, and when that is over', async () => {
    await meet();
    await click(ben, 'call-camera');
    await until(ann, hasPicture, byId('call'), false);
    await click(ben, 'call-mute');
    await until(ann, sees, byId('call-status'), 'muted');
    const sent = await ben.$eval(byId('local-video'), ({ hidden }) => hidden);
    await click(ben, 'call-camera');
    await click(ben, 'call-mute');
    await until(ann, hasPicture, byId('call'), true);
    await until(ann, (selector) => document.querySelector(selector).textContent === 'Connected', byId('call-status'));
    assert.equal(sent, true);
  });

  test('a camera that is switched on in the call comes to the other side', async () => {
    await meet('call-data');
    await until(ann, hasPicture, byId('call'), false);
    await click(ben, 'call-camera');
    await until(ann, hasPicture, byId('call'), true);
    await ann.evaluate(plays, byId('remote-video'));
  });

  test('words go from browser to browser, as text whatever they are', async () => {
    await meet();
    const hostile = '<img src=x onerror="window.hacked=1"> 🫖';
    for (const [from, to] of [[ann, ben], [ben, ann]]) {
      await until(from, isEnabled, byId('call-send'));
      await from.$eval(byId('call-input'), (input, text) => void (input.value = text), hostile);
      await click(from, 'call-send');
      await until(to, sees, `${byId('call-stream')} .other ${byId('bubble-text')}`, hostile);
    }
    assert.equal(await ann.$(`${byId('call-stream')} img`), null);
  });

  describe('a file', () => {
    const choose = async (page, path) => {
      await until(page, isEnabled, byId('file-choose'));
      const input = await page.$(byId('file-input'));
      await input.uploadFile(path);
    };
    const fileIn = (page, state) => until(page, inState, byId('file'), state);

    test('of 20 MB is offered, taken, and arrives whole, which both sides say', async () => {
      const content = randomBytes(FILE_BYTES);
      writeFileSync(file, content);
      await meet();
      await choose(ann, file);
      await fileIn(ben, 'offered');
      await click(ben, 'file-take');
      for (const page of [ann, ben]) await fileIn(page, 'done');
      const wanted = createHash('sha256').update(content).digest('hex');
      const hashes = [];
      for (const page of [ann, ben]) hashes.push(await page.$eval(byId('file-hash'), ({ title }) => title));
      const saved = await ben.$eval(byId('file-save'), ({ href, download }) => ({ isBlob: href.startsWith('blob:'), download }));
      const name = await ben.$eval(byId('file-name'), ({ textContent }) => textContent);
      assert.deepEqual(hashes, [wanted, wanted]);
      assert.deepEqual(saved, { isBlob: true, download: SAFE_NAME });
      assert.equal(name, SAFE_NAME);
    });

    test('is not sent to who does not want it, and stops when one side has enough', async () => {
      writeFileSync(file, randomBytes(FILE_BYTES));
      await meet();
      await choose(ben, file);
      await fileIn(ann, 'offered');
      await click(ann, 'file-cancel');
      for (const page of [ann, ben]) await fileIn(page, 'declined');
      for (const [index, stopper] of [ann, ben].entries()) {
        const row = `${byId('file')}:nth-child(${index + 2})`;
        await choose(ben, file);
        for (const page of [ann, ben]) await until(page, inState, row, 'offered');
        await stopper.evaluate(pressOnceItMoves, row, `${row} ${byId('file-cancel')}`);
        await ann.$eval(`${row} ${byId('file-take')}`, (button) => button.click());
        for (const page of [ann, ben]) await until(page, inState, row, 'cancelled');
      }
    });

    test('that is too large is not even offered', async () => {
      await meet();
      await until(ann, isEnabled, byId('file-choose'));
      await ann.$eval(byId('file-input'), chooseHuge);
      await fileIn(ann, 'too_large');
      await until(ann, sees, byId('file-state'), 'too large');
      assert.equal(await ben.$(byId('file')), null);
    });

    test('that is on its way when the call ends is lost, which both are told', async () => {
      writeFileSync(file, randomBytes(FILE_BYTES));
      await meet();
      await choose(ann, file);
      await fileIn(ben, 'offered');
      await ben.evaluate(pressOnceItMoves, byId('file'), byId('call-hangup'));
      await click(ben, 'file-take');
      for (const page of [ann, ben]) {
        await inCall(page, 'ended');
        await fileIn(page, 'lost');
      }
    });
  });

  test('who declines is heard, and a call that nobody has taken is told of', async () => {
    await callFrom(ann, ben);
    await inCall(ben, 'ringing');
    await click(ben, 'call-hangup');
    await inCall(ann, 'ended');
    await until(ann, sees, byId('call-status'), 'The call was rejected.');
    await click(ann, 'call-again');
    await inCall(ann, 'calling');
    await inCall(ben, 'ringing');
    await click(ann, 'call-hangup');
    await inCall(ben, 'none');
    await until(ben, sees, byId('line'), 'called. The call was taken back.');
  });

  test('one’s own other window is called by its row', async () => {
    const second = await open(browsers().ann.firefox, `/?solo=Ann&me=${await idOf(ann, SELF)}`);
    const other = `${byId('device')}[data-own="false"] button`;
    const row = `${byId('members-list')} [data-key="${await idOf(ann, SELF)}"] ${other}`;
    await until(ann, isThere, row);
    await ann.$eval(row, (button) => button.click());
    await inCall(second, 'ringing');
    await click(second, 'call-answer');
    for (const page of [ann, second]) await inCall(page, 'connected');
    await click(second, 'call-hangup');
    await inCall(ann, 'ended');
    await leave(second);
  });

  test('who calls meanwhile waits, and may be changed over to', async () => {
    const cleo = await open(browsers().ann.firefox, '/?solo=Cleo');
    await meet();
    await callFrom(cleo, ben);
    await until(ben, isShown, byId('waiting'));
    await click(ben, 'waiting-answer');
    await inCall(ann, 'ended');
    for (const page of [ben, cleo]) await inCall(page, 'connected');
    await click(cleo, 'call-hangup');
    await inCall(ben, 'ended');
    await leave(cleo);
  });

  test('without a camera one is told so, and calls with less', async () => {
    const browser = await launch('chromium', { hasDevices: false });
    const poor = await open(browser, '/?solo=Dora');
    await callFrom(poor, ben);
    await inCall(poor, 'refused');
    await until(poor, sees, byId('call-status'), 'No camera or microphone was found.');
    await click(poor, 'call-audio');
    await until(poor, sees, byId('call-status'), 'No microphone was found.');
    await click(poor, 'call-data');
    await inCall(ben, 'ringing');
    await click(ben, 'call-answer');
    for (const page of [poor, ben]) await inCall(page, 'connected');
    await until(poor, hasPicture, byId('call'), true);
    await click(poor, 'call-hangup');
    await inCall(ben, 'ended');
    await leave(poor);
    await browser.close();
  });

  test('a call fits a phone', async () => {
    await ann.setViewport(PHONE);
    await meet();
    const sizes = await ann.evaluate(
      (hangUp, stage) => {
        const { bottom, height } = document.querySelector(hangUp).getBoundingClientRect();
        const { width } = document.querySelector(stage).getBoundingClientRect();
        return { inside: innerWidth, whole: document.documentElement.scrollWidth, low: innerHeight, bottom, height, width };
      },
      byId('call-hangup'),
      byId('remote-video'),
    );
    assert.ok(sizes.whole <= sizes.inside && sizes.width >= sizes.inside - 30, JSON.stringify(sizes));
    assert.ok(sizes.bottom <= sizes.low && sizes.height >= 40, JSON.stringify(sizes));
  });
}

// ---- in the page ----

const isThere = (selector) => document.querySelector(selector) !== null;
const isShown = (selector) => document.querySelector(selector).getClientRects().length > 0;
const isEnabled = (selector) => !document.querySelector(selector).disabled;
const isOver = (selector) => ['ended', 'none'].includes(document.querySelector(selector).dataset.state);
const hasPicture = (selector, wanted) => document.querySelector(selector).dataset.picture === String(wanted);

// Unless the button is not there now.
function press(selector) {
  const button = document.querySelector(selector);
  if (!button.hidden) button.click();
}

// Presses the button as soon as some of the file is through; all of it may be, before a test sees that and presses.
function pressOnceItMoves(file, button) {
  const observer = new MutationObserver(() => {
    if (document.querySelector(`${file} progress`).value === 0) return;
    observer.disconnect();
    document.querySelector(button).click();
  });
  observer.observe(document.querySelector(file), { subtree: true, attributes: true });
}

async function plays(selector) {
  const video = document.querySelector(selector);
  if (video.readyState >= video.HAVE_CURRENT_DATA) return;
  await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
}

// A file of more than the playground takes.
function chooseHuge(input) {
  const files = new DataTransfer();
  const chunk = new Uint8Array(10_000_000);
  files.items.add(new File(Array(11).fill(chunk), 'huge.bin'));
  input.files = files.files;
  input.dispatchEvent(new Event('change'));
}
