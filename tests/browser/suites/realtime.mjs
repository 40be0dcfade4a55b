// The calls and what the callback is told. Code given to `inPage` runs in the browser; people.js is what it finds there.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { closed, joined, jsonValues, left, message, privately, success } from './events.mjs';

const NO_CONNECTION = 'No realtime connection. Execute connectRealtime() before this method.';
const NOT_JOINED = "User has not joined to the recipient group. Run joinRealtime('...')";
const CONNECTION_FAILED = 'Skapi: WebSocket connection error.';
const pipitError = (code, text, reason) => ({ name: 'PipitError', code, message: text, reason });

export function realtime({ inPage, openTab }) {
  describe('what is refused', () => {
    test('a callback that is no function', async () => {
      const refusals = await inPage(() => {
        const { pipit } = new Person();
        return Promise.all([undefined, null, {}, 'f'].map((callback) => refusal(() => pipit.connectRealtime(callback))));
      });
      const wanted = pipitError('INVALID_REQUEST', 'Callback must be a function.', 'callback_missing');
      assert.deepEqual(refusals, [wanted, wanted, wanted, wanted]);
    });

    test('every call without a connection, before one and after it', async () => {
      const refusals = await inPage(async () => {
        const ann = new Person();
        const both = async () => [await refusal(() => ann.join('tea')), await refusal(() => ann.post('hi', 'tea'))];
        const before = await both();
        await ann.connect();
        await ann.pipit.closeRealtime();
        return [...before, ...(await both())];
      });
      assert.deepEqual(refusals, Array(4).fill(pipitError('INVALID_REQUEST', NO_CONNECTION, 'not_connected')));
    });

    test('to connect where no Pipit is', async () => {
      const refused = await inPage(() => {
        const { pipit } = new Person(undefined, { url: location.origin });
        return refusal(() => pipit.connectRealtime(() => {}));
      });
      assert.deepEqual([refused.code, refused.message], ['ERROR', CONNECTION_FAILED]);
    });

    test('a token that the server did not sign', async () => {
      const refused = await inPage(() => {
        const forge = (token) => token.replace(/[^.]+$/, 'A'.repeat(43));
        const getToken = () => fetch('/token?user=eve').then((response) => response.text()).then(forge);
        return refusal(() => new Person('eve', { getToken }).connect());
      });
      assert.deepEqual(refused, pipitError('ERROR', CONNECTION_FAILED, 'token_refused'));
    });

    test('a post to a group that is not joined, not joined any more, or to no user id', async () => {
      const refusals = await inPage(async () => {
        const [ann] = await people.connect('Ann');
        const never = await refusal(() => ann.post('hi', 'tea'));
        await ann.join('tea');
        const other = await refusal(() => ann.post('hi', 'coffee'));
        await ann.join('coffee');
        const before = await refusal(() => ann.post('hi', { group: 'tea' }));
        await ann.join('');
        return [never, other, before, await refusal(() => ann.post('hi', 'coffee'))];
      });
      assert.deepEqual(refusals, Array(4).fill(pipitError('INVALID_REQUEST', NOT_JOINED, 'not_joined')));
    });

    test('a post to a connection that is not there', async () => {
      const refused = await inPage(async () => {
        const [ann] = await people.connect('Ann');
        return refusal(() => ann.post('hi', { cid: `cid:${'A'.repeat(16)}` }));
      });
      assert.deepEqual(refused, pipitError('NOT_EXISTS', 'The recipient is not connected.', 'recipient_not_found'));
    });

    test('names and recipients that cannot be', async () => {
      const codes = await inPage(async () => {
        const [ann] = await people.connect('Ann');
        const joins = ['x'.repeat(256), '🫖'.repeat(64), 'a\nb', '\ud800', 7].map((group) => () => ann.join(group));
        const posts = ['', null, 7, {}, { user: 'a', group: 'b' }, { cid: 'cid:short' }].map((to) => () => ann.post('hi', to));
        const refusals = await Promise.all([...joins, ...posts].map(refusal));
        return refusals.map(({ code }) => code);
      });
      assert.deepEqual(codes, Array(11).fill('INVALID_PARAMETER'));
    });

    test('values that JSON cannot hold, and messages that are too long', async () => {
      const codes = await inPage(async () => {
        const [ann] = await people.connect('Ann');
        const circle = {};
        circle.self = circle;
        const values = [undefined, () => {}, Symbol('s'), 1n, circle, 'x'.repeat(65_536)];
        return Promise.all(values.map(async (value) => (await refusal(() => ann.post(value, ann.user))).code));
      });
      assert.deepEqual(codes, Array(6).fill('INVALID_PARAMETER'));
    });
  });

  test('connecting resolves with an open WebSocket; again with the same, for another callback', async () => {
    const seen = await inPage(async () => {
      const ann = new Person();
      const sockets = await Promise.all([ann.connect(), ann.connect()].map(async (going) => (await going).socket));
      const late = [];
      const again = await ann.pipit.connectRealtime((event) => late.push(event));
      await ann.join('tea');
      await ann.post('hi', 'tea');
      return {
        isOpenWebSocket: again instanceof WebSocket && again.readyState === WebSocket.OPEN,
        isTheSame: sockets.every((socket) => socket === again),
        protocol: again.protocol,
        user: ann.pipit.user.user_id === ann.user && /^cid:[\w-]{16}$/.test(ann.pipit.user.cid),
        told: ann.told.map(({ type }) => type),
        late: late.map(({ type }) => type),
      };
    });
    const once = ['success'];
    assert.deepEqual(seen, { isOpenWebSocket: true, isTheSame: true, protocol: 'pipit.v1', user: true, told: once, late: ['message'] });
  });

  test('two users meet, talk and part', async () => {
    const { ann, ben, answers } = await inPage(async () => {
      const [ann, ben] = await people.connect('Ann', 'Ben');
      const answers = [await ann.join('tea room #1 %41 🫖'), await ben.join('tea room #1 %41 🫖')];
      answers.push(await ann.post('hello', 'tea room #1 %41 🫖'));
      answers.push(await ben.post({ text: 'hi' }, { group: 'tea room #1 %41 🫖' }));
      answers.push(await ben.pipit.joinRealtime({ group: null }), await ben.join('coffee'), await ben.join('tea room #1 %41 🫖'));
      await ben.pipit.closeRealtime();
      await ann.first(({ code, message }) => code === 'USER_DISCONNECTED' || (code === 'USER_LEFT' && ann.told.length >= 7));
      await ann.pipit.closeRealtime();
      const facts = ({ user, cid, told, pipit }) => ({ user, cid, told, userAfter: pipit.user });
      return { ann: facts(ann), ben: facts(ben), answers };
    });
    const group = 'tea room #1 %41 🫖';
    const joinedText = { type: 'success', message: `Joined realtime message group: "${group}".` };
    const sent = { type: 'success', message: 'Message sent.' };
    assert.deepEqual(answers, [
      joinedText,
      joinedText,
      sent,
      sent,
      { type: 'success', message: 'Left realtime message group.' },
      { type: 'success', message: 'Joined realtime message group: "coffee".' },
      joinedText,
    ]);
    const talk = [message(ann, group, 'hello'), message(ben, group, { text: 'hi' })];
    assert.deepEqual(ann.told, [success, joined(ben, group), ...talk, left(ben, group), joined(ben, group), left(ben, group), closed]);
    assert.deepEqual(ben.told, [success, ...talk, closed]);
    assert.deepEqual([ann.userAfter, ben.userAfter], [null, null]);
  });

  test('joining another group leaves the first, joining the same changes nothing', async () => {
    const { ann, ben } = await inPage(async () => {
      const [ann, ben] = await people.connect('Ann', 'Ben');
      await ann.join('tea');
      for (const group of ['tea', 'tea', 'coffee']) await ben.join(group);
      await ann.first(({ code }) => code === 'USER_LEFT');
      await ann.post('alone', 'tea');
      await ann.heard('alone');
      return { ann: { ...ann }, ben: { ...ben } };
    });
    assert.deepEqual(ann.told, [success, joined(ben, 'tea'), left(ben, 'tea'), message(ann, 'tea', 'alone')]);
    assert.deepEqual(ben.told, [success]);
  });

  test('a private message reaches all tabs of its user and nobody else, one to a connection only that', async () => {
    const tab = await openTab();
    const ben = crypto.randomUUID();
    const connectBen = async (user) => {
      window.ben = await new Person(user).connect();
      return window.ben.cid;
    };
    const [first, second] = [await inPage(connectBen, ben), await tab.evaluate(connectBen, ben)];
    const { ann, cleo } = await inPage(
      async (user, cid) => {
        const [ann, cleo] = await people.connect('Ann', 'Cleo');
        await ann.post('by id', user);
        await ann.post('in full', { user });
        await ann.post('to one', { cid });
        await ann.post('to nobody', { user: crypto.randomUUID() });
        await ann.post('last', user);
        await cleo.post('barrier', { cid: ann.cid });
        await ann.post('barrier', { cid: cleo.cid });
        await Promise.all([ann.heard('barrier'), cleo.heard('barrier')]);
        return { ann: { ...ann }, cleo: { ...cleo } };
      },
      ben,
      second,
    );
    const hear = (...texts) => Promise.all(texts.map((text) => window.ben.heard(text))).then(() => window.ben.told);
    const [inFirst, inSecond] = [await inPage(hear, 'last'), await tab.evaluate(hear, 'to one', 'last')];
    await tab.close();
    const from = (text) => privately(ann, text);
    const toAll = [success, from('by id'), from('in full'), from('last')];
    // What is for a user and what is for a connection are in no order.
    const [toOne, others] = [true, false].map((isIt) => inSecond.filter(({ message: text }) => (text === 'to one') === isIt));
    assert.notEqual(first, second);
    assert.deepEqual(inFirst, toAll);
    assert.deepEqual([others, toOne], [toAll, [from('to one')]]);
    assert.deepEqual(ann.told, [success, privately(cleo, 'barrier')]);
    assert.deepEqual(cleo.told, [success, from('barrier')]);
  });

  test('a connection’s posts arrive in their order, whatever is sent at once', async () => {
    const numbers = await inPage(async () => {
      const [ann, ben] = await people.connect('Ann', 'Ben');
      await Promise.all([ann.join('tea'), ben.join('tea')]);
      await Promise.all(Array.from({ length: 150 }, (_, number) => ann.post(number, 'tea')));
      await ben.heard(149);
      return ben.told.filter(({ type }) => type === 'message').map(({ message }) => message);
    });
    assert.deepEqual(numbers, Array.from({ length: 150 }, (_, number) => number));
  });

  test('a message may be any JSON value, and arrives as it was', async () => {
    const texts = Object.fromEntries(jsonValues.map(([kind, value]) => [kind, JSON.stringify(value)]));
    const { toGroup, toUser } = await inPage(async (values) => {
      const [ann, ben] = await people.connect('Ann', 'Ben');
      await Promise.all([ann.join('tea'), ben.join('tea')]);
      for (const text of Object.values(values)) {
        await ann.post(JSON.parse(text), 'tea');
        await ann.post(JSON.parse(text), ben.user);
      }
      await ann.post('last', 'tea');
      await ann.post('last', ben.user);
      await Promise.all(['message', 'private'].map((type) => ben.first((told) => told.type === type && told.message === 'last')));
      const texts = (type) => ben.told.filter((told) => told.type === type).map(({ message }) => JSON.stringify(message));
      return { toGroup: texts('message'), toUser: texts('private') };
    }, texts);
    const arrived = (list) => Object.fromEntries(Object.keys(texts).map((kind, index) => [kind, list[index]]));
    assert.deepEqual(arrived(toGroup), texts);
    assert.deepEqual(arrived(toUser), texts);
  });
}
