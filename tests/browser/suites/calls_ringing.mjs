// How a call comes about, or does not: who is told what, and that nothing is left of it.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { AppSite } from '../support/app_site.mjs';
import { launch } from '../support/browsers.mjs';
import { NOTHING, closeCallers, connect, hangUp, onBoth, openCaller } from '../support/caller.mjs';
import { Server } from '../support/server.mjs';

const COLLISIONS = 10;

export function callsRinging({ browsers, site }) {
  let ann;
  let ben;
  before(async () => {
    ann = await openCaller(browsers().ann.chromium, site());
    ben = await openCaller(browsers().ben.firefox, site(), { bundle: 'module' });
  });
  after(() => closeCallers(ann, ben));
  beforeEach(() => onBoth([ann, ben], () => void (me.told.length = 0)));
  // Whatever became of it, no call leaves anything behind.
  afterEach(async () => assert.deepEqual(await onBoth([ann, ben], () => whatRemains()), [NOTHING, NOTHING]));

  const dial = (caller, to, params = {}) => caller.evaluate((callee, given) => dial(callee, withCamera(given)), to, params);
  const refusal = (caller, to, params) =>
    caller.evaluate((callee, given) => refusal(() => dial(callee, given)), to, params);
  const ring = (callee) => callee.evaluate(() => me.first('rtc:incoming').then(({ sender, sender_cid: cid }) => ({ user: sender, cid })));
  const outcomeOf = (caller) => caller.evaluate(() => outcome());
  const endOf = (caller) => caller.evaluate(() => over());

  for (const by of ['cid', 'user']) {
    test(`two that call each other by ${by} at once, again and again, have one call each time`, async () => {
      for (let round = 0; round < COLLISIONS; round++) {
        await Promise.all([dial(ann, { [by]: ben[by] }), dial(ben, { [by]: ann[by] })]);
        assert.deepEqual(await Promise.all([outcomeOf(ann), outcomeOf(ben)]), ['connected', 'connected']);
        await onBoth([ann, ben], () => inState('connected'));
        await onBoth([ann, ben], () => void (window.stopTalking = talk()));
        await Promise.all([ann.evaluate((user) => heardFrom(user), ben.user), ben.evaluate((user) => heardFrom(user), ann.user)]);
        await onBoth([ann, ben], () => window.stopTalking());
        const open = await onBoth([ann, ben], () => remains().connections);
        assert.deepEqual(open, [1, 1]);
        await hangUp(...(round % 2 ? [ann, ben] : [ben, ann]));
      }
      // Whoever heard the other one ring before calling back has been told so, and of no other end.
      const told = await onBoth([ann, ben], () => me.told.map(({ type }) => type).filter((type) => type !== 'rtc:incoming'));
      assert.deepEqual(told, [[], []]);
    });
  }

  test('who rejects is heard at once', async () => {
    await dial(ann, { cid: ben.cid });
    assert.deepEqual(await ring(ben), { user: ann.user, cid: ann.cid });
    await ben.evaluate(() => next('rtc:incoming').then(({ hangup }) => hangup()));
    assert.equal(await outcomeOf(ann), 'ERROR rejected');
    assert.equal((await endOf(ann)).reason, 'rejected');
  });

  test('a call that is taken back stops ringing', async () => {
    await dial(ann, { cid: ben.cid });
    await ring(ben);
    await ann.evaluate(() => connector.hangup());
    assert.deepEqual(await endOf(ben), { sender: ann.user, cid: ann.cid, reason: 'cancelled' });
    const late = await ben.evaluate(() => next('rtc:incoming').then(({ connectRTC }) => refusal(() => connectRTC())));
    assert.equal(late.reason, 'cancelled');
  });

  test('all devices of a user ring, and stop when one answers', async () => {
    const tablet = await openCaller(browsers().ben.chromium, site(), { user: ben.user });
    await dial(ann, { user: ben.user }, { media: 'CAMERA' });
    await Promise.all([ring(ben), ring(tablet)]);
    await tablet.evaluate(() => answer({ media: CAMERA }));
    assert.equal(await outcomeOf(ann), 'connected');
    assert.deepEqual(await endOf(ben), { sender: ann.user, cid: ann.cid, reason: 'answered_elsewhere' });
    await ann.evaluate(() => flows());
    await hangUp(ann, tablet);
    await closeCallers(tablet);
  });

  for (const [how, leave] of Object.entries({
    'closes its connection': (page) => page.evaluate(() => me.pipit.closeRealtime()),
    'goes to another page': (page) => page.goto('about:blank'),
    'is closed': (page) => page.close(),
  })) {
    test(`a window that ${how} while it rings stops ringing alone: the user's other one can answer`, async () => {
      const second = await openCaller(browsers().ben.chromium, site(), { user: ben.user });
      await dial(ann, { user: ben.user });
      await Promise.all([ring(ben), ring(second)]);
      await leave(second);
      await ben.evaluate(() => answer());
      assert.equal(await outcomeOf(ann), 'connected');
      await hangUp(ann, ben);
      if (!second.isClosed()) await second.close();
    });
  }

  test('two devices of one user call each other', async () => {
    const tablet = await openCaller(browsers().ben.chromium, site(), { user: ben.user });
    await connect(tablet, ben);
    await hangUp(tablet, ben);
    await closeCallers(tablet);
  });

  test('two channels of one name are refused, and nobody rings', async () => {
    const refused = await refusal(ann, { cid: ben.cid }, { channels: ['text-chat', 'text-chat'] });
    assert.deepEqual([refused.code, refused.message], ['INVALID_REQUEST', 'Data channel with the protocol "text-chat$" already exists.']);
    assert.deepEqual(await ben.evaluate(() => me.told), []);
  });

  describe('without a camera', () => {
    const MISSING = ['DEVICE_NOT_FOUND', 'Requested media device not found.'];
    for (const name of ['chromium', 'firefox']) {
      test(`in ${name} one cannot call with it, and is still there to be called without`, async () => {
        const browser = await launch(name, { hasDevices: false });
        const poor = await openCaller(browser, site());
        const refused = await refusal(poor, { cid: ben.cid }, { media: { video: true, audio: true } });
        assert.deepEqual([refused.code, refused.message], MISSING);
        assert.deepEqual(await poor.evaluate(() => whatRemains()), NOTHING);
        await dial(ann, { cid: poor.cid });
        const again = await poor.evaluate(async () => {
          const { connectRTC } = await me.first('rtc:incoming');
          return refusal(() => connectRTC({ media: { video: true } }));
        });
        assert.deepEqual([again.code, again.message], MISSING);
        await poor.evaluate(() => answer());
        assert.equal(await outcomeOf(ann), 'connected');
        await hangUp(ann, poor);
        await closeCallers(poor);
        await browser.close();
        assert.deepEqual(await ben.evaluate(() => me.told), []);
      });
    }
  });

  describe('a browser that dies', () => {
    let doomed;
    let cleo;
    beforeEach(async () => {
      doomed = await launch('chromium');
      cleo = await openCaller(doomed, site());
    });
    const die = () => doomed.process().kill('SIGKILL');

    test('while it rings there: the caller is told at once', async () => {
      await dial(ann, { cid: cleo.cid });
      await ring(cleo);
      die();
      assert.equal(await outcomeOf(ann), 'ERROR unreachable');
      assert.equal((await endOf(ann)).reason, 'unreachable');
    });

    test('while it calls: it stops ringing at once', async () => {
      await dial(cleo, { cid: ben.cid });
      await ring(ben);
      die();
      assert.deepEqual(await endOf(ben), { sender: cleo.user, cid: cleo.cid, reason: 'lost' });
    });

    test('in a call: the other side sees the way go, and then that the call is lost', async () => {
      await connect(ann, cleo, { media: 'CAMERA' });
      die();
      await ann.evaluate(() => inState('disconnected', 'failed'));
      const end = await ann.evaluate(() => eventually(() => me.told.find(({ type }) => type === 'rtc:closed')));
      assert.equal(end.reason, 'lost');
    });
  });

  describe('with the settings as they come, but for shorter ringing', () => {
    let server;
    let strictSite;
    before(async () => {
      server = await Server.start('ws', { 'calls.ring_timeout_ms': 1_000 });
      strictSite = await AppSite.start(server);
    });
    after(async () => {
      strictSite?.stop();
      await server?.stop();
    });

    test('strangers cannot be called; who is in the same group can, and a call that nobody answers ends', async () => {
      const [dora, emil] = [await openCaller(browsers().ann.chromium, strictSite), await openCaller(browsers().ben.chromium, strictSite)];
      const refused = await refusal(dora, { user: emil.user }, {});
      await onBoth([dora, emil], () => me.join('tea'));
      await dial(dora, { user: emil.user });
      assert.equal(await outcomeOf(dora), 'ERROR timeout');
      const ends = [await endOf(dora), await endOf(emil)];
      await closeCallers(dora, emil);
      assert.equal(refused.reason, 'callee_not_found');
      assert.deepEqual(ends.map(({ reason }) => reason), ['timeout', 'timeout']);
    });
  });
}
