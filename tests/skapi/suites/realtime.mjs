// Connecting, groups and messages between people who use skapi-js.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { disconnected, joined, jsonValues, left, message, privately } from '../../browser/suites/events.mjs';
import { TEA, TEA_PROJECTS } from '../support/world.mjs';
import { closed, notConnected, success } from './events.mjs';

const TEA_ROOM = 'tea "room" 100 % 🫖';
const told = (page) => page.evaluate(() => me.events);
const post = (page, value, recipient, notification) =>
  page.evaluate((json, to, more) => me.post(json, to, more), JSON.stringify(value), recipient, notification);
const heard = (page, value) => page.evaluate((json) => me.heard(json).then(() => true), JSON.stringify(value));
// What is not heard at all is noticed when the one that was sent after it is there.
const END = { end: true };
const isHeard = (value) => Boolean(value);

export function realtime({ world }) {
  test('who has signed in is known to the client, and connected is told once', async () => {
    const ann = await world().member({ name: 'Ann of the Tea Room', admin: true });
    assert.equal(ann.profile.name, 'Ann of the Tea Room');
    await ann.evaluate(() => me.connect());
    const profile = await ann.evaluate(() => me.pipit.getProfile());
    assert.deepEqual([profile.user_id, profile.access_group], [ann.user, 99]);
    assert.deepEqual(await told(ann), [success]);
  });

  test('two meet, talk and part, and hear of each other what they should', async () => {
    const [ann, ben] = [await world().guest(TEA_ROOM), await world().member()];
    await ben.evaluate(() => me.connect());
    const answers = [await ben.evaluate((group) => me.join(group), TEA_ROOM), await post(ann, { text: 'hello' }, TEA_ROOM)];
    ben.cid = await ben.evaluate(() => me.cid);
    await Promise.all([ann, ben].map((page) => heard(page, { text: 'hello' })));
    await post(ben, 'psst', ann.user);
    await heard(ann, 'psst');
    answers.push(await ben.evaluate(() => me.pipit.joinRealtime({ group: null })));
    await ann.evaluate(() => me.first(({ code }) => code === 'USER_LEFT'));
    await ben.evaluate((group) => me.join(group), TEA_ROOM);
    await ann.evaluate(() => eventually(() => me.told.filter(({ code }) => code === 'USER_JOINED').length === 2));
    await ben.evaluate(() => leave());
    await ann.evaluate(() => me.first(({ code }) => code === 'USER_DISCONNECTED'));

    assert.deepEqual(answers, [
      { type: 'success', message: `Joined realtime message group: "${TEA_ROOM}".` },
      { type: 'success', message: 'Message sent.' },
      { type: 'success', message: 'Left realtime message group.' },
    ]);
    const hello = message(ann, TEA_ROOM, { text: 'hello' });
    const inRoom = [joined, left, joined, disconnected].map((notice) => notice(ben, TEA_ROOM));
    assert.deepEqual(await told(ann), [success, inRoom[0], hello, privately(ben, 'psst'), ...inRoom.slice(1)]);
    assert.deepEqual(await told(ben), [success, hello, closed]);
  });

  test('a project id in the place of id and owner leads to the same service', async () => {
    const ben = await world().guest('tea');
    for (const project of TEA_PROJECTS) {
      const ann = await world().guest('tea', { project });
      assert.deepEqual(await ann.evaluate(() => [me.pipit.service, me.pipit.owner]), [TEA.id, TEA.owner]);
      await post(ann, project, 'tea');
      await heard(ben, project);
    }
  });

  test('a private message comes to every connection of the user, and to nobody else', async () => {
    const ann = await world().guest('tea');
    const again = await world().guest('tea', { user: ann.user });
    const [ben, eve] = [await world().guest('tea'), await world().guest('tea')];
    await post(ben, 'for Ann', ann.user);
    // What is for a person and what is for a group may overtake one another.
    await Promise.all([ann, again].map((page) => heard(page, 'for Ann')));
    await post(ben, END, 'tea');
    await Promise.all([ann, again, ben, eve].map((page) => heard(page, END)));
    const privates = async (page) => (await told(page)).filter(({ type }) => type === 'private');
    const all = await Promise.all([ann, again, ben, eve].map(privates));
    assert.deepEqual(all, [[privately(ben, 'for Ann')], [privately(ben, 'for Ann')], [], []]);
  });

  test('who has left a group, or has gone to another one, hears nothing of it any more', async () => {
    const [ann, ben] = await world().party('tea', 2);
    await ann.evaluate(() => me.join('den'));
    await ben.evaluate(() => me.first(({ code }) => code === 'USER_LEFT'));
    await post(ben, 'in the tea room', 'tea');
    await heard(ben, 'in the tea room');
    await post(ben, END, ann.user);
    await heard(ann, END);
    assert.deepEqual(await told(ann), [privately(ben, END)]);
  });

  test('one who joins a group twice is told of once', async () => {
    const [ann, ben] = await world().party('tea', 2);
    await ben.evaluate(() => me.join('tea'));
    await post(ben, END, 'tea');
    await heard(ann, END);
    assert.deepEqual(await told(ann), [message(ben, 'tea', END)]);
  });

  describe('what is said arrives as it was said:', () => {
    test('every kind of JSON value, in the order in which it was sent', async () => {
      const [ann, ben] = await world().party('tea', 2);
      const values = [...jsonValues.map(([, value]) => value), true, 'a%b %25 %2520 %zz', '# ; / ? : @ & = + $ ,', { '%': '%' }, END];
      for (const value of values) await post(ann, value, 'tea');
      for (const value of values) await post(ann, value, ben.user);
      const count = 2 * values.filter(isHeard).length;
      await ben.evaluate((wanted) => eventually(() => me.told.length === wanted), count);
      // A client drops what is false, empty or 0 by itself.
      const json = (list) => list.filter(isHeard).map((value) => JSON.stringify(value));
      const arrived = await ben.evaluate(() => me.told.map((event) => [event.type, JSON.stringify(event.message)]));
      const by = (wanted) => arrived.filter(([type]) => type === wanted).map(([, text]) => text);
      assert.deepEqual(by('message'), json(values));
      assert.deepEqual(by('private'), json(values));
    });

    test('nothing at all is sent as null, of which the client tells nothing', async () => {
      const [ann, ben] = await world().party('tea', 2);
      await ann.evaluate(() => me.pipit.postRealtime(undefined, 'tea'));
      await post(ann, END, 'tea');
      await heard(ben, END);
      assert.deepEqual(await told(ben), [message(ann, 'tea', END)]);
    });

    test('every code point there is, halves of pairs too', async () => {
      const [ann, ben] = await world().party('tea', 2);
      await ann.evaluate(async () => {
        for (const text of everyCodePoint()) await me.pipit.postRealtime(text, 'tea');
      });
      const isSame = await ben.evaluate(async () => {
        const texts = everyCodePoint();
        await eventually(() => me.told.length === texts.length);
        return me.told.map(({ message: text }, index) => text === texts[index]);
      });
      assert.deepEqual(isSame, Array(5).fill(true));
    });

    test('1 MB, to a group and to a user', async () => {
      const [ann, ben] = await world().party('tea', 2);
      const length = await ann.evaluate(async (user) => {
        window.long = { text: `"%é🫖\\${'x'.repeat(2 ** 20)}` };
        await me.pipit.postRealtime(window.long, 'tea');
        await me.pipit.postRealtime(window.long, user);
        return window.long.text.length;
      }, ben.user);
      const arrived = await ben.evaluate(async () => {
        await Promise.all(['message', 'private'].map((type) => me.first(type)));
        return me.told.map(({ type, message: { text } }) => [type, text.length, text.slice(0, 8), /^x+$/.test(text.slice(8))]);
      });
      const beginning = '"%é🫖\\xx';
      // There is an order for each recipient only.
      assert.deepEqual(arrived.sort(), ['message', 'private'].map((type) => [type, length, beginning, true]));
    });

    test('a form, as the object that the client makes of it', async () => {
      const [ann, ben] = await world().party('tea', 2);
      await ann.evaluate(async () => {
        document.body.innerHTML = '<form><input name="text" value="hello"><input name="cups" type="number" value="3"></form>';
        const form = document.querySelector('form');
        const posted = new Promise((resolve, reject) => {
          form.onsubmit = (event) => me.pipit.postRealtime(event, 'tea').then(resolve, reject);
        });
        form.requestSubmit();
        return posted;
      });
      const { message: arrived } = await ben.evaluate(() => me.first('message'));
      assert.deepEqual(arrived, { text: 'hello', cups: 3 });
    });
  });

  describe('what cannot be done is refused:', () => {
    const invalid = (message, code = 'INVALID_REQUEST') => ({ code, message });
    const withoutName = ({ name: _name, ...refused }) => refused;

    test('without a connection, whatever needs one', async () => {
      const ann = await world().member();
      const needsConnection = invalid('No realtime connection. Execute connectRealtime() before this method.');
      const refused = await ann.evaluate(async () => [
        await refusal(() => me.pipit.connectRealtime('no function')),
        await refusal(() => me.pipit.postRealtime('hi', 'tea')),
        await refusal(() => me.pipit.joinRealtime({ group: 'tea' })),
        await refusal(() => me.pipit.connectRTC({ cid: 'cid:x' }, () => {})),
        await refusal(() => me.pipit.getRealtimeUsers()),
      ]);
      assert.deepEqual(refused.map(withoutName), [
        invalid('Callback must be a function.'),
        needsConnection,
        needsConnection,
        needsConnection,
        invalid('No group has been joined. Otherwise "group" is required.', 'INVALID_PARAMETER'),
      ]);
    });

    test('a post to a group that one is not in, to nobody, or over a connection that closes', async () => {
      const ann = await world().guest('tea');
      const refused = await ann.evaluate(async () => {
        const early = [
          await refusal(() => me.pipit.postRealtime('hi', 'den')),
          await refusal(() => me.pipit.postRealtime('hi')),
          await refusal(() => me.pipit.joinRealtime({ group: 7 })),
        ];
        (await me.pipit.__socket).close();
        return [...early, await refusal(() => me.pipit.postRealtime('hi', 'tea'))];
      });
      assert.deepEqual(refused.map(withoutName), [
        invalid('User has not joined to the recipient group. Run joinRealtime({ group: "den" })'),
        invalid('No recipient.'),
        invalid('"group" must be a string | null.', 'INVALID_PARAMETER'),
        invalid('Realtime connection is not open. Try reconnecting with connectRealtime().'),
      ]);
    });

    test('by the server, in an event: a name that is too long, and what is posted to it', async () => {
      const [ann, ben] = await world().party('tea', 2);
      await ann.evaluate(async () => {
        const long = 'x'.repeat(256);
        await me.pipit.joinRealtime({ group: long });
        await me.pipit.postRealtime('hi', long);
      });
      await ann.evaluate(() => eventually(() => me.told.filter(({ type }) => type === 'error').length === 2));
      const errors = await told(ann);
      for (const error of errors) {
        assert.deepEqual({ ...error, message: '' }, { type: 'error', message: '', sender: null, sender_cid: null, sender_rid: null, code: null });
      }
      assert.match(errors[0].message, /255/);
      // She is where she was.
      await post(ben, END, 'tea');
      await heard(ann, END);
    });

    test('a token that somebody else has signed', async () => {
      const { user } = await world().member();
      const good = world().tokens(user);
      const forged = Object.fromEntries(
        Object.entries(good).map(([name, token]) => {
          const [head, claims, signature] = token.split('.');
          return [name, [head, claims, [...(signature ?? token)].reverse().join('')].join('.')];
        }),
      );
      const eve = await world().member({ user, tokens: forged });
      const refused = await eve.evaluate(() => refusal(() => me.pipit.getRealtimeGroups()));
      const events = await eve.evaluate(async () => {
        await me.pipit.connectRealtime(me.hear);
        await me.first('close');
        return me.events;
      });
      assert.ok(refused.code && refused.message, JSON.stringify(refused));
      assert.deepEqual(events, [notConnected, closed]);
    });
  });

  test('a connection outlives the token that it was opened with', async () => {
    // Long enough to come with on a busy machine.
    const ann = await world().guest('tea', { ttl: '10s' });
    const ben = await world().guest('tea');
    const { idToken } = ann.options.tokens;
    // The server's word for it, which is the last thing that this token is good for.
    const status = await ben.evaluate(
      async (server, service, owner, token) => {
        const ask = async () => {
          const body = JSON.stringify({ service, owner, searchFor: 'group', value: ' ', condition: '>' });
          const answer = await fetch(`${server}/skapi/get-ws-group`, { method: 'POST', body, headers: { authorization: token } });
          return answer.ok ? undefined : answer.status;
        };
        return eventually(ask);
      },
      world().server.origin,
      ann.options.service,
      ann.options.owner,
      idToken,
    );
    assert.equal(status, 401);
    await post(ben, 'still here?', ann.user);
    await heard(ann, 'still here?');
  });

  test('a session that has run out is renewed, where the page leads that call to the server', async () => {
    const ann = await world().member({ ttl: '1h', name: 'Ann' });
    const profiles = await ann.evaluate(async (server) => {
      leadRenewals(server);
      const { jwtToken: first } = me.pipit.session.idToken;
      setClockAhead(2 * 3600 * 1000);
      await me.connect();
      await me.join('tea');
      const { jwtToken: second, payload } = me.pipit.session.idToken;
      return { isNew: first !== second, user: payload.sub, name: payload.name };
    }, world().server.origin);
    assert.deepEqual(profiles, { isNew: true, user: ann.user, name: 'Ann' });
  });

  test('who reloads the page is signed in all the same', async () => {
    const ann = await world().member();
    await ann.reload();
    const { options } = ann;
    const user = await ann.evaluate(async (given) => {
      await enter({ ...given, tokens: null });
      await me.connect();
      return (await me.pipit.getProfile()).user_id;
    }, options);
    assert.equal(user, ann.user);
  });
}
