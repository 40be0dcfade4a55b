// What happens to the line. Each test has a tab of its own, for it changes the page's clock.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { closed, disconnected, joined, message, reconnect, recovered } from './events.mjs';

const NOT_OPEN = {
  name: 'PipitError',
  code: 'INVALID_REQUEST',
  message: 'Realtime connection is not open. Try reconnecting with connectRealtime().',
  reason: 'not_open',
};

export function reconnecting({ openTab, server, brief }) {
  const inTab = (name, run, open = openTab) =>
    test(name, async () => {
      const tab = await open();
      try {
        await run(tab);
      } finally {
        // Who is not lost but leaves is not missed by the tests that follow.
        await tab.evaluate(() => people.part());
        await tab.close();
      }
    });
  // Ann and Ben are connected and in "tea"; what they were told so far is forgotten.
  const meet = (tab) =>
    tab.evaluate(async () => {
      [window.ann, window.ben] = await people.connect('Ann', 'Ben');
      for (const person of people.all) await person.join('tea');
      await ann.first('notice');
      ann.told.length = ben.told.length = 0;
      return people.all.map(({ user, cid }) => ({ user, cid }));
    });

  describe('the line', () => {
    inTab('lost and back: the other notices nothing, the group and the id are kept, and what was posted meanwhile is sent', async (tab) => {
      const [ann] = await meet(tab);
      const { told, seen, cid } = await tab.evaluate(async () => {
        await ann.lose();
        await ann.post('early', 'tea');
        await ann.post('back', 'tea');
        await Promise.all([ann.heard('back'), ben.heard('back')]);
        return { told: ann.told, seen: ben.told, cid: ann.pipit.user.cid };
      });
      const posted = ['early', 'back'].map((text) => message(ann, 'tea', text));
      assert.equal(cid, ann.cid);
      assert.deepEqual(told, [reconnect(1), recovered(0), ...posted]);
      assert.deepEqual(seen, posted);
    });

    const late = async (tab) => {
      const [ann] = await meet(tab);
      const { told, seen, annAgain } = await tab.evaluate(async () => {
        stopTheClock();
        await ann.lose();
        await ben.first('notice');
        dispatchEvent(new Event('online'));
        await ann.first('success');
        await ann.post('back', 'tea');
        await Promise.all([ann.heard('back'), ben.heard('back')]);
        return { told: ann.told, seen: ben.told, annAgain: { user: ann.user, cid: ann.pipit.user.cid } };
      });
      const back = message(annAgain, 'tea', 'back');
      assert.notEqual(annAgain.cid, ann.cid);
      assert.deepEqual(told, [reconnect(1), recovered(0), back]);
      assert.deepEqual(seen, [disconnected(ann, 'tea'), joined(annAgain, 'tea'), back]);
    };
    inTab('lost for longer than the grace time: the other sees one go and come, the id is new', late, () => brief.openTab());

    inTab('a server that was killed and restarted finds everybody in their group, and a post in flight settled', async (tab) => {
      await meet(tab);
      await server().freeze();
      await tab.evaluate(() => void (window.inFlight = ann.post('in flight', 'tea')));
      await server().kill();
      await server().start();
      const { answer, told, seen } = await tab.evaluate(async () => {
        const answer = await window.inFlight;
        await Promise.all([ann.first('success'), ben.first('success')]);
        await ben.post('all here', 'tea');
        await Promise.all([ann.heard('all here'), ben.heard('all here')]);
        return { answer, told: ann.told, seen: ben.told };
      });
      const kinds = (events) => [...new Set(events.map(({ type }) => type))].filter((type) => type !== 'notice');
      assert.deepEqual(answer, { type: 'success', message: 'Message sent.' });
      assert.deepEqual(kinds(told), ['reconnect', 'gap', 'success', 'message']);
      assert.deepEqual(kinds(seen), ['reconnect', 'gap', 'success', 'message']);
      assert.equal(told.filter(({ message }) => message === 'in flight').length, 1);
    });

    inTab('a server that was stopped as it should tells when to come back', async (tab) => {
      const [ann] = await meet(tab);
      await server().end();
      await server().start();
      const told = await tab.evaluate(async () => {
        await Promise.all([ann.first('success'), ben.first('success')]);
        await ann.post('on', ben.user);
        await ben.heard('on');
        return ben.told.filter(({ type }) => type === 'private');
      });
      assert.deepEqual(told.map(({ sender }) => sender), [ann.user]);
    });

    inTab('a token that is no longer good ends it: an error, close, and nothing goes on', async (tab) => {
      await tab.evaluate(async () => {
        window.timersLeft = countTimers();
        [window.ann] = await people.connect('Ann');
        ann.told.length = 0;
      });
      await server().kill();
      server().changeSecret();
      await server().start();
      const { told, refused, timers } = await tab.evaluate(async () => {
        await ann.first('close');
        dispatchEvent(new Event('online'));
        document.dispatchEvent(new Event('visibilitychange'));
        return { told: ann.told, refused: await refusal(() => ann.post('hi', ann.user)), timers: window.timersLeft() };
      });
      const end = told.filter(({ type }) => type !== 'reconnect');
      assert.deepEqual(end.map(({ type, reason }) => reason ?? type), ['token_refused', 'close']);
      assert.deepEqual(end.at(-1), closed);
      assert.deepEqual(told.slice(-2), end);
      assert.deepEqual(refused, NOT_OPEN);
      assert.equal(timers, 0);
    });

    inTab('a network that comes back is tried at once', async (tab) => {
      await meet(tab);
      await tab.setOfflineMode(true);
      await tab.evaluate(() => {
        stopTheClock();
        return ann.lose();
      });
      await tab.setOfflineMode(false);
      const told = await tab.evaluate(() => ann.first('success').then(() => ann.told));
      assert.deepEqual(told, [reconnect(1), recovered(0)]);
    });

    inTab('a page that is looked at again tries at once', async (tab) => {
      await meet(tab);
      const told = await tab.evaluate(async () => {
        stopTheClock();
        await ann.lose();
        document.dispatchEvent(new Event('visibilitychange'));
        await ann.first('success');
        return ann.told;
      });
      assert.deepEqual(told, [reconnect(1), recovered(0)]);
    });
  });
}
