// What a call goes through while it lasts, and that call after call leaves nothing behind.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NOTHING, closeCallers, connect, hangUp, onBoth, openCaller } from '../support/caller.mjs';
import { LINE_COMPLAINT } from '../support/playground_page.mjs';

const CALLS = 50;
const WARM_UP_CALLS = 10;
// What the allocator may keep. One leaked call would be forty times what it holds.
const GROWTH_KB_MAX = 2_048;

export function callsLasting({ browsers, server, site }) {
  let ann;
  let ben;
  before(async () => {
    ann = await openCaller(browsers().ann.chromium, site());
    ben = await openCaller(browsers().ben.firefox, site(), { bundle: 'module' });
  });
  after(() => closeCallers(ann, ben));

  test('a call without pictures gets some later, from either side', async () => {
    await connect(ann, ben);
    for (const [from, to] of [[ann, ben], [ben, ann]]) {
      await from.evaluate(addCamera);
      await to.evaluate(() => flows());
    }
    await onBoth([ann, ben], () => flows());
    await onBoth([ann, ben], stopCamera);
    await hangUp(ben, ann);
  });

  test('a changed network is another way for the same call, again and again', async () => {
    await connect(ann, ben, { media: 'CAMERA' });
    for (const side of [ann, ben]) {
      const before = await side.evaluate(iceName);
      await side.evaluate(() => void dispatchEvent(new Event('online')));
      await side.evaluate(iceNameIsNot, before);
      await onBoth([ann, ben], () => inState('connected'));
      await onBoth([ann, ben], () => flows());
    }
    await hangUp(ann, ben);
  });

  test('a call does not notice that the server is killed; when it is back, the call can be changed again', async () => {
    await connect(ann, ben, { media: 'CAMERA' });
    await onBoth([ann, ben], watchFrames);
    await onBoth([ann, ben], () => void (me.told.length = 0));
    await server().kill();
    await onBoth([ann, ben], () => me.first('reconnect'));
    await onBoth([ann, ben], () => flows());
    await server().start();
    await onBoth([ann, ben], () => me.first('success'));
    const trackCount = () => ben.evaluate(() => call.target.getReceivers().filter(({ track }) => track.readyState === 'live').length);
    const before = await trackCount();
    await ann.evaluate(addCamera);
    await ben.evaluate((count) => eventually(() => call.target.getReceivers().length === count + 2), before);
    await onBoth([ann, ben], () => flows());
    const pauses = await onBoth([ann, ben], () => window.longestPauseMs());
    await ann.evaluate(stopCamera);
    await hangUp(ann, ben);
    // A new server knows nobody's old connection.
    for (const side of [ann, ben]) side.cid = await side.evaluate(() => me.pipit.user.cid);
    for (const complaint of [ann, ben].flatMap(({ complaints }) => complaints.splice(0))) assert.match(complaint, LINE_COMPLAINT);
    for (const pause of pauses) assert.ok(pause < 2_000, `no frame for ${pause} ms`);
  });

  test('fifty calls, one after the other, leave nothing in the pages and nothing in the server', async () => {
    await onBoth([ann, ben], () => void (me.told.length = 0));
    let warm;
    for (let made = 1; made <= CALLS; made++) {
      await connect(ann, ben, made % 10 === 1 ? { media: 'CAMERA' } : {});
      await hangUp(...(made % 2 ? [ann, ben] : [ben, ann]));
      if (made === WARM_UP_CALLS) warm = server().memoryKb();
    }
    const grown = server().memoryKb() - warm;
    assert.deepEqual(await onBoth([ann, ben], () => whatRemains()), [NOTHING, NOTHING]);
    assert.deepEqual(await onBoth([ann, ben], () => me.told.map(({ type }) => type)), [[], []]);
    assert.ok(grown <= GROWTH_KB_MAX, `${grown} kB more`);
  });
}

// ---- in the page ----

async function addCamera() {
  window.camera = await navigator.mediaDevices.getUserMedia(CAMERA);
  for (const track of window.camera.getTracks()) call.target.addTrack(track, window.camera);
}

function stopCamera() {
  for (const track of window.camera?.getTracks() ?? []) track.stop();
}

function iceName() {
  return /a=ice-ufrag:(\S+)/.exec(call.target.localDescription.sdp)[1];
}

function iceNameIsNot(before) {
  return eventually(() => /a=ice-ufrag:(\S+)/.exec(call.target.currentLocalDescription.sdp)[1] !== before);
}

// From now on the longest time without a new frame is measured.
function watchFrames() {
  const video = document.getElementById('remote-video');
  let last = performance.now();
  let longest = 0;
  const look = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  window.longestPauseMs = () => Math.max(longest, performance.now() - last);
}
