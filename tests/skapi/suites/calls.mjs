// Calls between people who use skapi-js, and between them and those who use Pipit's own client.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { closeCallers, connect, onBoth, openCaller } from '../../browser/support/caller.mjs';

// What both clients make of "text-chat" and so on, and what a caller asks for unless told otherwise; see calls.js.
const CHANNELS = ['text-chat', 'video-chat', 'voice-chat', 'gaming', 'mine'];
const GROUP = 'a room for calls';

const rtc = (type, { user, cid }) => ({ type, sender: user, sender_cid: cid });
// Whom the last event of this type is about, once there is one.
const toldOf = (page, type) => page.evaluate((wanted) => me.first(wanted).then(({ type: is, sender, sender_cid }) => ({ type: is, sender, sender_cid })), type);

export function calls({ world }) {
  const skapi = () => world().guest(GROUP);
  const pipit = async () => {
    const page = await openCaller(world().browser, { origin: world().site.origin });
    await page.evaluate((group) => me.join(group), GROUP);
    page.isPipit = true;
    return page;
  };
  const end = async (...pages) => {
    await closeCallers(...pages.filter(({ isPipit }) => isPipit));
    await world().part();
  };
  // Whoever answers has the caller's channels: all of them are there.
  const haveChannels = (pages) => onBoth(pages, (count) => eventually(() => Object.keys(call.channels).length === count), CHANNELS.length + 1);
  const params = () => ({ ice: world().ice });

  const kinds = { 'skapi-js': skapi, 'Pipit’s client': pipit };
  const pairings = [['skapi-js', 'skapi-js'], ['skapi-js', 'Pipit’s client'], ['Pipit’s client', 'skapi-js']];
  for (const [from, to] of pairings) {
    describe(`from ${from} to ${to}`, () => {
      test('pictures, sound and every channel arrive on both sides, until one hangs up', async () => {
        for (const byCaller of [true, false]) {
          const [ann, ben] = [await kinds[from](), await kinds[to]()];
          await connect(ann, ben, { ...params(), media: 'CAMERA' });
          await haveChannels([ann, ben]);
          await onBoth([ann, ben], () => flows());
          await onBoth([ann, ben], () => void (window.stopTalking = talk()));
          const hear = (side, other) => side.evaluate((user) => heardFrom(user), other.user);
          const heard = await Promise.all([hear(ann, ben), hear(ben, ann)]);
          await onBoth([ann, ben], () => window.stopTalking());
          assert.deepEqual(heard.map((channels) => channels.sort()), [CHANNELS.toSorted(), CHANNELS.toSorted()]);

          const [one, other] = byCaller ? [ann, ben] : [ben, ann];
          await one.evaluate(() => call.hangup());
          assert.deepEqual(await toldOf(other, 'rtc:closed'), rtc('rtc:closed', one));
          await end(ann, ben);
        }
      });

      test('data goes without pictures, and bytes as they were sent', async () => {
        const [ann, ben] = [await kinds[from](), await kinds[to]()];
        await connect(ann, ben, { ...params(), channels: [{ protocol: 'file-transfer', ordered: true }] });
        await onBoth([ann, ben], () => eventually(() => call.channels['file-transfer']?.readyState === 'open'));
        const bytes = 1_000_000;
        for (const [one, other] of [[ann, ben], [ben, ann]]) {
          const [sent, arrived] = await Promise.all([
            one.evaluate((size) => sendFile(size), bytes),
            other.evaluate((size) => receiveFile(size), bytes),
          ]);
          assert.equal(arrived, sent);
        }
        await ann.evaluate(() => call.hangup());
        assert.deepEqual(await toldOf(ben, 'rtc:closed'), rtc('rtc:closed', ann));
        await end(ann, ben);
      });

      test('one who is called may say no, and the caller may take it back', async () => {
        const [ann, ben] = [await kinds[from](), await kinds[to]()];
        const ring = async () => {
          await ann.evaluate((to, given) => dial(to, given), { cid: ben.cid }, params());
          assert.deepEqual(await toldOf(ben, 'rtc:incoming'), rtc('rtc:incoming', ann));
        };
        await ring();
        await ben.evaluate(() => next('rtc:incoming').then(({ hangup }) => hangup()));
        // skapi-js learns only from the answer to its call whose connection that is.
        assert.equal((await toldOf(ann, 'rtc:closed')).sender_cid, ben.cid);
        await onBoth([ann, ben], () => void (me.told.length = 0));
        await ring();
        await ann.evaluate(() => connector.hangup());
        assert.deepEqual(await toldOf(ben, 'rtc:closed'), rtc('rtc:closed', ann));
        await end(ann, ben);
      });
    });
  }

  test('one who goes while a call is on ends it for the other', async () => {
    for (const [from, to] of pairings) {
      const [ann, ben] = [await kinds[from](), await kinds[to]()];
      await connect(ann, ben, { ...params(), channels: ['text-chat'] });
      await ben.evaluate(() => me.pipit.closeRealtime());
      // skapi-js says nothing of it but that its connection is closed; the server does.
      assert.deepEqual(await toldOf(ann, 'rtc:closed'), rtc('rtc:closed', ben));
      await end(ann, ben);
    }
  });

  test('a connection that there is not, and one that may not be called, look the same', async () => {
    const ann = await skapi();
    const stranger = await world().guest('elsewhere');
    for (const cid of [stranger.cid, 'cid:AAAAAAAAAAAAAAAA']) {
      await ann.evaluate((callee, given) => dial({ cid: callee }, given), cid, params());
      const { message } = await ann.evaluate(() => next('error'));
      assert.match(message, /callee|connect|call/i);
    }
    await ann.evaluate((group) => me.pipit.postRealtime({ end: true }, group), GROUP);
    await ann.evaluate(() => me.heard('{"end":true}').then(() => true));
    // Once for each call, however many candidates there were.
    assert.equal((await ann.evaluate(() => me.events)).filter(({ type }) => type === 'error').length, 0);
    await end(ann);
  });

  test('two channels of a name are refused with the client’s error', async () => {
    const [ann, ben] = [await skapi(), await skapi()];
    const { code, message } = await ann.evaluate(
      (cid, given) => refusal(() => me.pipit.connectRTC({ cid, channels: ['gaming', 'gaming'], ...given }, () => {})),
      ben.cid,
      params(),
    );
    assert.deepEqual({ code, message }, { code: 'INVALID_REQUEST', message: 'Data channel with the protocol "gaming" already exists.' });
  });
}
