// The playground's card in a call, with a client that is made up: what calls of several windows, a hostile other side and
// fast fingers may do to it, and what who does not see the page is told.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { until } from '../support/browsers.mjs';
import { ANN as SELF, byId, inState, leave, online, openPlayground } from '../support/playground_page.mjs';

// The card that is tested, beside the one that the page has.
const CARD = '[data-testid="card"]';
const part = (testid) => `${CARD} ${byId(testid)}`;

export function callPanel({ browser, server }) {
  let page;
  before(async () => {
    page = await openPlayground(browser(), `${server().origin}/?solo=Ann`);
    await online(page, SELF);
  });
  beforeEach(() => page.evaluate(setTheScene));
  afterEach(async () => {
    await page.evaluate(() => scene.clear());
    assert.deepEqual(page.complaints.splice(0), []);
  });
  after(() => leave(page));

  const inCall = (state) => until(page, inState, part('call'), state);
  const click = (testid) => page.$eval(part(testid), (button) => button.click());
  const textOf = (testid) => page.$eval(part(testid), ({ textContent }) => textContent);
  const ring = (ring) => page.evaluate((event) => scene.ring(event), ring);
  const end = (event) => page.evaluate((closed) => scene.end(closed), event);
  const ben = (window, more = {}) => ({ call: `call ${window}`, sender: 'ben', sender_cid: `cid:${window}`, ...more });

  describe('with several windows of the other', () => {
    const live = () => page.evaluate(() => scene.own.getTracks().map(({ readyState }) => readyState));

    test('a call goes on when one that waits stops ringing, and the next one waits', async () => {
      await page.evaluate(() => scene.panel.call({ user: 'ben' }));
      for (const window of [2, 3, 4]) await ring(ben(window));
      for (const window of [3, 2]) await end(ben(window));
      assert.deepEqual(await live(), ['live', 'live']);
      await until(page, isShown, part('waiting'));
      await end(ben(1));
      await inCall('ringing');
      await end(ben(4));
      await inCall('none');
    });

    test('a ring that is declined while it waits is not taken for the call', async () => {
      await page.evaluate(() => scene.panel.call({ user: 'ben' }));
      await ring(ben(2));
      await click('waiting-decline');
      assert.deepEqual(await live(), ['live', 'live']);
      assert.equal(await page.$eval(part('waiting'), ({ hidden }) => hidden), true);
    });

    test('the id of a call says which of two from one window is over', async () => {
      await ring(ben(1, { call: 'first' }));
      await end(ben(1, { call: 'earlier' }));
      await inCall('ringing');
      await click('call-answer');
      await inCall('connecting');
      await ring(ben(1, { call: 'second' }));
      await end(ben(1, { call: 'first' }));
      await inCall('ringing');
      await end(ben(1, { call: 'second' }));
      await inCall('none');
    });
  });

  test('a ring that cannot be answered is hung up', async () => {
    await ring(ben(1, { problem: 'Not connected.' }));
    await click('call-answer');
    await inCall('ended');
    assert.equal(await textOf('call-status'), 'Not connected.');
    assert.equal(await page.evaluate(() => scene.hangups), 1);
  });

  test('a camera that is switched on before the other is there is sent, once, however fast it was clicked', async () => {
    await ring(ben(1, { isSlow: true }));
    await click('call-data');
    await inCall('connecting');
    await page.$eval(part('call-camera'), (button) => [1, 2].forEach(() => button.click()));
    await until(page, isShown, part('local-video'));
    const sent = await page.evaluate(() => scene.accept());
    assert.deepEqual(sent, ['video']);
    assert.deepEqual(await page.evaluate(() => scene.captured), [{ video: true, audio: false }]);
  });

  test('words and files can be sent once their channel is open, which is after the two are connected, and until it closes', async () => {
    const canSend = () => page.evaluate((words, file) => {
      return [words, file].map((selector) => !document.querySelector(selector).disabled);
    }, part('call-send'), part('file-choose'));
    await ring(ben(1, { protocols: ['text-chat', 'file-transfer'] }));
    await click('call-data');
    await inCall('connecting');
    await page.evaluate(() => scene.connected());
    await inCall('connected');
    assert.deepEqual(await canSend(), [false, false]);
    for (const [protocol, readyState, wanted] of [
      ['file-transfer', 'open', [false, true]],
      ['text-chat', 'open', [true, true]],
      ['file-transfer', 'closed', [true, false]],
    ]) {
      await page.evaluate((...change) => scene.change(...change), protocol, readyState);
      assert.deepEqual(await canSend(), wanted);
    }
  });

  describe('who does not look', () => {
    const focused = () => page.evaluate(() => document.activeElement.dataset.testid);
    const press = async (testid) => {
      await page.focus(part(testid));
      await page.keyboard.press('Enter');
    };

    test('is told by name who calls, and by the title until it is over', async () => {
      const title = await page.title();
      await ring(ben(1));
      assert.equal(await textOf('call-alert'), 'ben is calling');
      assert.equal(await page.title(), `ben is calling · ${title}`);
      await click('call-data');
      await inCall('connecting');
      assert.equal(await page.title(), title);
      await ring({ call: 'call 9', sender: 'cleo', sender_cid: 'cid:9' });
      assert.equal(await page.title(), `cleo is calling · ${title}`);
      await end({ call: 'call 9', sender: 'cleo', sender_cid: 'cid:9' });
      assert.equal(await page.title(), title);
    });

    test('and types neither answers nor loses the place', async () => {
      await page.focus(part('message-input'));
      await ring(ben(1));
      assert.equal(await focused(), 'call');
      await page.keyboard.press('Enter');
      assert.equal(await page.$eval(part('call'), ({ dataset }) => dataset.state), 'ringing');
      await end(ben(1));
      assert.equal(await focused(), 'message-input');
    });

    test('and types gets no outline around the call; who presses a button by key does', async () => {
      const isOutlined = () => page.$eval(part('call'), (call) => getComputedStyle(call, '::after').content !== 'none');
      await page.type(part('message-input'), 'Hello');
      await ring(ben(1));
      assert.deepEqual([await focused(), await isOutlined()], ['call', false]);
      await page.keyboard.press('Tab');
      assert.equal(await focused(), 'call-answer');
      await page.keyboard.press('Enter');
      await inCall('connecting');
      assert.deepEqual([await focused(), await isOutlined()], ['call', true]);
    });

    test('keeps the focus when the button that was pressed goes', async () => {
      await page.focus(part('message-input'));
      await ring(ben(1));
      for (const [testid, next] of [['call-answer', 'call'], ['call-hangup', 'call'], ['call-close', 'message-input']]) {
        await until(page, isShown, part(testid));
        await press(testid);
        assert.equal(await focused(), next, testid);
      }
    });
  });

  test('files that are offered and taken back for ever leave a bounded list, and what has come', async () => {
    const { rows, saved } = await page.evaluate(floodWithOffers, CARD);
    assert.equal(rows, 100);
    assert.equal(saved, 1);
  });
}

// ---- in the page ----

const isShown = (selector) => document.querySelector(selector).getClientRects().length > 0;

// `scene` has the card, what the made-up client has been asked, and what it tells.
async function setTheScene() {
  const { CallPanel } = await import('/playground/call_panel.js');
  const card = document.getElementById('person-template').content.cloneNode(true).firstElementChild;
  card.dataset.testid = 'card';
  document.getElementById('people').append(card);
  const { mediaDevices } = navigator;
  const getUserMedia = MediaDevices.prototype.getUserMedia.bind(mediaDevices);
  const scene = { hangups: 0, captured: [] };
  mediaDevices.getUserMedia = (wanted) => {
    scene.captured.push({ video: Boolean(wanted.video), audio: Boolean(wanted.audio) });
    return getUserMedia(wanted);
  };
  const connect = async ({ media }, hear, protocols = []) => {
    const makeChannel = (label) => [label, Object.assign(new EventTarget(), { label, readyState: 'connecting' })];
    const channels = Object.fromEntries(protocols.map(makeChannel));
    Object.assign(scene, { own: media, hear, channels });
    scene.target = new RTCPeerConnection();
    for (const track of media.getTracks()) scene.target.addTrack(track, media);
    return { target: scene.target, channels, hangup: () => {} };
  };
  const pipit = { connectRTC: async (...given) => ({ connection: connect(...given), hangup: () => {} }) };
  scene.panel = new CallPanel(card, { pipit, user: 'ann', tell: () => {} });
  scene.end = (event) => scene.panel.receive({ type: 'rtc:closed', message: 'It is over.', ...event });
  // With `problem` it cannot be answered, with `isSlow` not before `scene.accept()`. `protocols` are those of its channels.
  scene.ring = ({ problem, isSlow, protocols, ...event }) => {
    const connectRTC = async (params, hear) => {
      if (problem) throw new Error(problem);
      const resolved = await connect(params, hear, protocols);
      if (isSlow) await new Promise((resolve) => (scene.release = resolve));
      return resolved;
    };
    const hangup = () => {
      scene.hangups++;
      scene.end(event);
    };
    scene.panel.receive({ type: 'rtc:incoming', ...event, connectRTC, hangup });
  };
  // The two have found a way to each other.
  scene.connected = () => {
    Object.defineProperty(scene.target, 'connectionState', { value: 'connected' });
    scene.hear({ type: 'connectionstatechange', target: scene.target });
  };
  // A channel opens or closes.
  scene.change = (protocol, readyState) => {
    const target = Object.assign(scene.channels[protocol], { readyState });
    const type = readyState === 'open' ? 'open' : 'close';
    target.dispatchEvent(new Event(type));
    scene.hear({ type, target });
  };
  // Resolves with the kinds of what is sent then.
  scene.accept = async () => {
    scene.release();
    await new Promise((resolve) => setTimeout(resolve)); // all that waits for it comes before
    return scene.target.getSenders().map(({ track }) => track.kind);
  };
  scene.clear = () => {
    scene.panel.lose();
    scene.target?.close();
    delete mediaDevices.getUserMedia;
    card.remove();
  };
  window.scene = scene;
}

async function floodWithOffers(selector) {
  const { CallFiles } = await import('/playground/call_files.js');
  const element = document.querySelector(`${selector} [data-testid="call"]`);
  const channel = Object.assign(new EventTarget(), { readyState: 'open', send: () => {} });
  const hear = (message) => channel.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  new CallFiles(element).open(channel);
  const count = (testid) => element.querySelectorAll(`[data-testid="${testid}"]`).length;
  const arrived = new Promise((resolve) => {
    const observer = new MutationObserver(() => count('file-hash') && resolve(observer.disconnect()));
    observer.observe(element, { subtree: true, childList: true });
  });
  hear({ is: 'offer', id: 0, name: 'cake', size: 0 });
  element.querySelector('[data-testid="file-take"]').click();
  hear({ is: 'end', id: 0, sha256: null });
  await arrived;
  for (let id = 1; id <= 300; id++) {
    hear({ is: 'offer', id, name: 'crumb', size: 1 });
    hear({ is: 'stop', id });
  }
  return { rows: count('file'), saved: element.querySelectorAll('a[href^="blob:"]').length };
}
