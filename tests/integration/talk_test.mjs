// Groups, notices and posts between connections.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startServer } from './support/server.mjs';
import { ann, bob, eve } from './support/users.mjs';

const settings = { 'server.workers': 2, 'limits.commands_per_second': 100_000, 'limits.commands_burst': 100_000 };
const server = await startServer({ after }, { settings });

// Members of a group that is theirs alone, with the notices of their coming taken already.
async function meet(group, ...users) {
  const members = [];
  for (const user of users) {
    const newcomer = await server.member(user, group);
    for (const member of members) assert.equal((await member.event()).code, 'USER_JOINED');
    members.push(newcomer);
  }
  return members;
}

// Nothing else has come to `member` before what it now posts itself.
async function expectNothingElse(member, group) {
  assert.ok((await member.post(group, '"fence"')).ok);
  assert.equal((await member.event()).data, 'fence');
}

test('who is not in a group cannot post to it, by whatever form', async () => {
  const [outsider] = [await server.member(ann, 'here')];
  for (const to of ['there', { group: 'there' }, 'Here', 'here ']) {
    const { error } = await outsider.request({ op: 'post', to, data: 1 });
    assert.deepEqual([error.code, error.reason], ['INVALID_REQUEST', 'not_joined']);
    assert.equal(error.message, "User has not joined to the recipient group. Run joinRealtime('...')");
  }
  assert.ok((await outsider.request({ op: 'leave' })).ok);
  assert.equal((await outsider.post('here', '1')).error.reason, 'not_joined');
});

test('a recipient of a wrong form is refused with what is allowed', async () => {
  const client = await server.signIn(ann);
  for (const to of [
    undefined,
    null,
    7,
    [],
    {},
    { group: 'a', user: 'b' },
    { room: 'a' },
    { group: 7 },
    '',
    { cid: 'cid:short' },
  ]) {
    const { error } = await client.request({ op: 'post', to, data: 1 });
    assert.equal(error.code, 'INVALID_PARAMETER', JSON.stringify(to));
  }
});

test('an unknown command is answered with the known ones', async () => {
  const client = await server.signIn(ann);
  for (const op of ['shout', '', 'JOIN']) {
    const { error } = await client.request({ op });
    assert.deepEqual(
      [error.reason, error.message],
      [
        'unknown_command',
        'Unknown command. Allowed: connect, refresh, join, leave, post, groups, users, watch, unwatch, call, accept, signal, hangup, reattach, ice, vapid, subscribe, unsubscribe, resubscribe, push, pushed, history.',
      ],
    );
  }
});

test('joining and leaving are answered in the words of the contract', async () => {
  const client = await server.signIn(ann);
  const group = 'say "hi" \\ #%🫖';
  const { ok } = await client.request({ op: 'join', group });
  assert.deepEqual([ok.group, ok.message, ok.offset], [group, `Joined realtime message group: "${group}".`, 0]);
  for (let i = 0; i < 2; ++i) {
    assert.deepEqual((await client.request({ op: 'leave' })).ok, {
      group: null,
      message: 'Left realtime message group.',
    });
  }
});

test('coming, going and dropping are told to the others, once each and in the words of the contract', async () => {
  const [member] = await meet('door', ann);
  const guest = await server.signIn(bob);
  const { cid } = guest.welcome;
  const expectNotice = async (code, sentence) => {
    const { group, user, cid: about, message, code: got } = await member.event();
    assert.deepEqual([group, user, about, got, message], ['door', bob, cid, code, `User "${bob}" ${sentence}`]);
  };
  await guest.request({ op: 'join', group: 'door' });
  await expectNotice('USER_JOINED', 'has joined the message group.');
  await guest.request({ op: 'join', group: 'door' });
  await guest.request({ op: 'leave' });
  await expectNotice('USER_LEFT', 'has left the message group.');
  await guest.request({ op: 'join', group: 'door' });
  await expectNotice('USER_JOINED', 'has joined the message group.');
  await guest.request({ op: 'join', group: 'window' });
  await expectNotice('USER_LEFT', 'has left the message group.');
  await guest.request({ op: 'join', group: 'door' });
  await expectNotice('USER_JOINED', 'has joined the message group.');
  guest.destroy();
  await expectNotice('USER_DISCONNECTED', 'has been disconnected. The user has left the message group.');
  await expectNothingElse(member, 'door');
});

test('a proper close is told as a disconnect, too', async () => {
  const [member, guest] = await meet('exit', ann, bob);
  await guest.close();
  assert.equal((await member.event()).code, 'USER_DISCONNECTED');
  await expectNothingElse(member, 'exit');
});

test('a post to a group reaches every member, the sender included, and nobody else', async () => {
  const members = await meet('tea', ann, bob, bob);
  const outsider = await server.member(eve, 'coffee');
  const [sender] = members;
  const { ok } = await sender.post('tea', '{"text":"hello"}');
  for (const member of members) {
    const event = await member.event();
    assert.deepEqual(
      [event.ev, event.group, event.offset, event.user, event.cid, event.data],
      ['message', 'tea', ok.offset, ann, sender.welcome.cid, { text: 'hello' }],
    );
  }
  await expectNothingElse(outsider, 'coffee');
});

test('the answer to a join tells the place of the last thing before it, and nothing is left out after it', async () => {
  const [first] = await meet('places', ann);
  for (let i = 1; i <= 3; ++i) assert.equal((await first.post('places', '0')).ok.offset, i);
  const second = await server.signIn(bob);
  const { ok } = await second.request({ op: 'join', group: 'places' });
  assert.equal(ok.offset, 4); // three posts and its own notice
  const posted = await first.post('places', '"next"');
  assert.deepEqual([posted.ok.epoch, posted.ok.offset], [ok.epoch, 5]);
  assert.equal((await second.event()).offset, 5);
});

test('a post to a user reaches all connections of that user and no others, as private', async () => {
  const tabs = [await server.signIn(eve), await server.signIn(eve), await server.signIn(eve)];
  const [sender] = await meet('lobby', bob);
  for (const to of [eve, { user: eve }]) {
    const { ok } = await sender.post(to, '"psst"');
    for (const tab of tabs) {
      const event = await tab.event();
      assert.deepEqual([event.ev, event.user, event.cid, event.data], ['private', bob, sender.welcome.cid, 'psst']);
      assert.equal(event.offset, ok.offset);
    }
  }
  await expectNothingElse(sender, 'lobby');
});

test('a post to a user who has never been there has its place, too', async () => {
  const client = await server.signIn(ann);
  const { ok } = await client.post('00000000-0000-4000-8000-000000000000', '1');
  assert.deepEqual([typeof ok.epoch, ok.offset], ['string', 1]);
});

test('a post to a connection reaches that one alone, and one that is not there is said', async () => {
  const [one, other] = await meet('pair', bob, bob);
  assert.deepEqual((await other.post({ cid: one.welcome.cid }, '"you"')).ok, {});
  const event = await one.event();
  assert.deepEqual([event.ev, event.offset, event.data], ['private', undefined, 'you']);
  await expectNothingElse(other, 'pair');
  const { error } = await one.post({ cid: 'cid:AAAAAAAAAAAAAAAA' }, '1');
  assert.deepEqual([error.code, error.reason], ['NOT_EXISTS', 'recipient_not_found']);
});

test('a joined group that has the form of a user id is taken for the group', async () => {
  const [member] = await meet(bob, ann);
  await member.post(bob, '"group"');
  assert.equal((await member.event()).ev, 'message');
});

test('every JSON value arrives byte for byte', async () => {
  const [sender, receiver] = await meet('values', ann, bob);
  const values = [
    '0',
    '-0',
    '1e3',
    '1.0',
    '123456789012345678901234567890',
    '""',
    'false',
    'true',
    'null',
    '[]',
    '{}',
    '[1,[2,[3]]]',
    '{ "b" : 1,\t"a" : 2 }',
    '{"a":1,"a":2}',
    '{"ev":"notice","id":1}',
    `${'['.repeat(60)}${']'.repeat(60)}`,
    '"\\ud83d\\ude00"',
    '"😀 é ü ♥ \u2028"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000\\n\\/"',
    '"\\u0041"',
    JSON.stringify('x'.repeat(60_000)),
  ];
  for (const value of values) {
    assert.ok((await sender.post('values', value)).ok, value);
    for (const client of [sender, receiver]) {
      const { json } = await client.event();
      assert.ok(json.endsWith(`"data":${value}}`), json.slice(0, 300));
    }
  }
  assert.ok((await sender.request({ op: 'post', to: 'values' })).ok);
  assert.ok((await receiver.event()).json.endsWith('"data":null}'));
});

test('many pipelined posts from both workers arrive in one order at every member', async () => {
  const members = await meet('order', ann, bob, eve, ann, bob, eve);
  const posts = 300;
  const replies = members.map((member, from) =>
    Promise.all(Array.from({ length: posts }, (_, n) => member.post('order', JSON.stringify([from, n])))),
  );
  const seen = [];
  for (const member of members) {
    const events = [];
    while (events.length < members.length * posts) events.push(await member.event());
    seen.push(events.map(({ json }) => json));
    const lastOf = members.map(() => -1);
    events.forEach(({ offset, data: [from, n] }, index) => {
      assert.equal(offset, events[0].offset + index);
      assert.equal(n, lastOf[from] + 1);
      lastOf[from] = n;
    });
  }
  for (const other of seen) assert.deepEqual(other, seen[0]);
  for (const each of await Promise.all(replies)) assert.ok(each.every(({ ok }) => ok));
});

test('posts to users and connections keep their order across workers', async () => {
  const [sender, receiver] = [await server.signIn(ann), await server.signIn(eve)];
  for (const to of [eve, { cid: receiver.welcome.cid }]) {
    const replies = Promise.all(Array.from({ length: 200 }, (_, n) => sender.post(to, String(n))));
    for (let n = 0; n < 200; ++n) assert.equal((await receiver.event()).data, n);
    await replies;
  }
});
