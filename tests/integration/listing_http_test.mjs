// Groups and members over HTTP: what is listed for whom, page after page.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { inSeconds } from './support/tokens.mjs';
import { ann, bob, eve } from './support/users.mjs';

const settings = { 'server.workers': 2, 'limits.commands_per_second': 100_000, 'limits.commands_burst': 100_000 };
const server = await startServer({ after }, { settings });

const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const target = (path, query = {}) =>
  `${path}?${new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : value]),
  )}`;

// Asks as `user` with `claims`, or with `token`: { status, headers, body, json }.
async function ask(path, query, { from = server, user = ann, claims, token = from.token(user, claims), ...rest } = {}) {
  const headers = { ...bearer(token), ...rest.headers };
  const response = await from.fetch(target(path, query), { ...rest, headers });
  return { ...response, json: response.body === '' ? undefined : JSON.parse(response.body) };
}

async function list(path, query, options) {
  const { status, body, json } = await ask(path, query, options);
  assert.equal(status, 200, body);
  return json;
}

async function refusal(path, query, options) {
  const { status, json } = await ask(path, query, options);
  return [status, json.reason];
}

// All rows, a page after the other.
async function pages(path, query, options) {
  const rows = [];
  for (let startKey; startKey !== 'end'; ) {
    const page = await list(path, startKey ? { ...query, startKey } : query, options);
    rows.push(...page.list);
    ({ startKey } = page);
  }
  return rows;
}

const groupsThat = (begin) => ({ searchFor: 'group', value: begin, condition: '>=' });
const names = (rows) => rows.map(({ group }) => group);

test('groups are listed by name with how many users they have, not how many connections', async () => {
  for (const user of [ann, ann, bob]) await server.member(user, 'count/b');
  await server.member(eve, 'count/a');
  assert.deepEqual(await list('/v1/groups', groupsThat('count/')), {
    list: [
      { group: 'count/a', number_of_users: 1 },
      { group: 'count/b', number_of_users: 2 },
    ],
    startKey: 'end',
  });
});

test('names are compared as text and numbers as numbers', async () => {
  const group = '12 & Ü+%';
  for (const user of [ann, bob, eve]) await server.member(user, group);
  await server.member(ann, '2');
  const named = (value, query) => list('/v1/groups', { searchFor: 'group', value, ...query });
  assert.deepEqual(names((await named(group)).list), [group]);
  assert.deepEqual(names((await named('2')).list), ['2']);
  assert.deepEqual(names((await named('12', { range: '2' })).list), [group, '2']);
  const counted = (value, query) => list('/v1/groups', { searchFor: 'number_of_users', value, ...query });
  assert.deepEqual(names((await counted(3)).list), [group]);
  assert.ok(!names((await counted(3, { condition: 'lt' })).list).includes(group));
  const [most] = (await list('/v1/groups', { searchFor: 'number_of_users', ascending: false })).list;
  assert.deepEqual(most, { group, number_of_users: 3 });
  assert.deepEqual(await refusal('/v1/groups', { searchFor: 'number_of_users', value: 'many' }), [
    400,
    'invalid_parameter',
  ]);
});

test('the connections in a group are listed by user and connection, and of one user alone', async () => {
  const members = [];
  for (const user of [eve, ann, bob, ann]) members.push(await server.member(user, 'who'));
  const place = ({ user_id: user, cid }) => Buffer.concat([Buffer.from(user), Buffer.from(cid.slice(4), 'base64url')]);
  const rows = members
    .map(({ welcome: { user, cid } }) => ({ user_id: user, cid }))
    .sort((a, b) => Buffer.compare(place(a), place(b)));
  assert.deepEqual(await list('/v1/users', { group: 'who' }), { list: rows, startKey: 'end' });
  assert.deepEqual(await pages('/v1/users', { group: 'who', limit: 1, ascending: false }), rows.toReversed());
  const own = rows.filter(({ user_id: user }) => user === ann);
  assert.deepEqual((await list('/v1/users', { group: 'who', user_id: ann })).list, own);
});

test('a group that nobody is in has no rows, and one has to be named', async () => {
  assert.deepEqual(await list('/v1/users', { group: 'nobody' }), { list: [], startKey: 'end' });
  const { status, json } = await ask('/v1/users');
  assert.deepEqual([status, json.code, json.reason], [400, 'INVALID_REQUEST', 'no_group']);
  assert.match(json.message, /"group" is needed/);
});

test('pages follow each other across a restart of the server', async (t) => {
  const data = temporaryFolder(t);
  const groups = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `again/${letter}`);
  const query = { ...groupsThat('again/'), limit: 3 };
  const started = async () => {
    const from = await startServer(t, { settings, data });
    for (const group of groups) await from.member(ann, group);
    return from;
  };

  const before = await started();
  const first = await list('/v1/groups', query, { from: before });
  assert.deepEqual(names(first.list), groups.slice(0, 3));
  await before.stop();

  const from = await started();
  const second = await list('/v1/groups', { ...query, startKey: first.startKey }, { from });
  assert.deepEqual(names(second.list), groups.slice(3, 6));
  const third = await list('/v1/groups', { ...query, startKey: second.startKey }, { from, user: bob });
  assert.deepEqual([names(third.list), third.startKey], [groups.slice(6), 'end']);
});

test('a startKey that was changed, or is of another question or server, is refused', async (t) => {
  for (const group of ['key/a', 'key/b']) await server.member(ann, group);
  for (const user of [ann, bob]) await server.member(user, 'key/b');
  const query = { ...groupsThat('key/'), limit: 1 };
  const { startKey } = await list('/v1/groups', query);
  const { startKey: ofUsers } = await list('/v1/users', { group: 'key/b', limit: 1 });
  const expectRefused = async (path, asked, options) =>
    assert.deepEqual(await refusal(path, asked, options), [400, 'invalid_parameter'], JSON.stringify(asked));

  for (let i = 0; i < startKey.cursor.length; ++i) {
    const other = startKey.cursor[i] === 'A' ? 'B' : 'A';
    const cursor = startKey.cursor.slice(0, i) + other + startKey.cursor.slice(i + 1);
    await expectRefused('/v1/groups', { ...query, startKey: { cursor } });
  }
  await expectRefused('/v1/groups', { ...query, startKey: { cursor: startKey.cursor.slice(0, -2) } });
  await expectRefused('/v1/groups', { ...query, ascending: false, startKey });
  await expectRefused('/v1/groups', { ...groupsThat('key'), limit: 1, startKey });
  await expectRefused('/v1/groups', { ...query, startKey: ofUsers });
  await expectRefused('/v1/users', { group: 'key/b', startKey });
  await expectRefused('/v1/users', { group: 'key/a', startKey: ofUsers });
  const stranger = await startServer(t, { settings });
  await expectRefused('/v1/groups', { ...query, startKey }, { from: stranger });

  assert.deepEqual(names((await list('/v1/groups', { ...query, limit: 9, startKey })).list), ['key/b']);
});

test('a token that is none, has run out or is not named as one is refused and not logged', async (t) => {
  const from = await startServer(t, { settings: { 'log.level': 'debug' } });
  const tokens = ['nonsense', from.token(ann).slice(0, -2), from.token(ann, { iss: 'https://evil.example' })];
  for (const token of tokens) {
    const { status, headers, json } = await ask('/v1/groups', {}, { from, token });
    assert.deepEqual([status, json.reason], [401, 'token_refused']);
    assert.equal(headers['www-authenticate'], 'Bearer error="invalid_token"');
  }
  const old = from.token(ann, { exp: inSeconds(-60) });
  assert.deepEqual(await refusal('/v1/groups', {}, { from, token: old }), [401, 'token_expired']);
  const good = from.token(ann);
  for (const Authorization of ['', `Basic ${good}`, good]) {
    const { status, headers } = await from.fetch('/v1/groups', { headers: { Authorization } });
    assert.deepEqual([status, headers['www-authenticate']], [401, 'Bearer']);
  }
  const headers = { Authorization: `bEARER  ${good}` };
  assert.equal((await from.fetch('/v1/groups', { headers })).status, 200);
  const parts = [...tokens.slice(1), old, good].map((token) => token.split('.')[2]);
  assert.ok(from.log.every((line) => !parts.some((part) => line.includes(part))));
});

test('a token shows the groups that it lets its user join, and an admin sees all', async () => {
  for (const group of ['rule/open', 'rule/closed']) await server.member(ann, group);
  const open = { groups: ['rule/o*'] };
  assert.deepEqual(names((await list('/v1/groups', groupsThat('rule/'), { claims: open })).list), ['rule/open']);
  assert.equal((await list('/v1/users', { group: 'rule/open' }, { claims: open })).list.length, 1);
  assert.deepEqual(await refusal('/v1/users', { group: 'rule/closed' }, { claims: open }), [403, 'not_permitted']);
  const admin = { claims: { ...open, role: 'admin' } };
  assert.equal((await list('/v1/groups', groupsThat('rule/'), admin)).list.length, 2);
  assert.equal((await list('/v1/users', { group: 'rule/closed' }, admin)).list.length, 1);
});

test('access.list = members shows the groups that the asker is in', async (t) => {
  const from = await startServer(t, { settings: { ...settings, 'access.list': 'members' } });
  const member = await from.member(ann, 'ours');
  await from.member(bob, 'theirs');
  assert.deepEqual(names((await list('/v1/groups', {}, { from })).list), ['ours']);
  assert.equal((await list('/v1/users', { group: 'ours' }, { from })).list.length, 1);
  assert.deepEqual((await list('/v1/groups', {}, { from, user: eve })).list, []);
  for (const group of ['theirs', 'nobody']) {
    assert.deepEqual(await refusal('/v1/users', { group }, { from }), [403, 'not_permitted'], group);
  }
  await member.request({ op: 'leave' });
  assert.deepEqual(await refusal('/v1/users', { group: 'ours' }, { from }), [403, 'not_permitted']);
  assert.equal((await list('/v1/users', { group: 'theirs' }, { from, claims: { role: 'admin' } })).list.length, 1);
});

test('access.list = admins answers nobody else', async (t) => {
  const from = await startServer(t, { settings: { ...settings, 'access.list': 'admins' } });
  await from.member(ann, 'ours');
  for (const path of ['/v1/groups', '/v1/users']) {
    assert.deepEqual(await refusal(path, { group: 'ours' }, { from }), [403, 'not_permitted']);
    assert.equal((await list(path, { group: 'ours' }, { from, claims: { role: 'admin' } })).list.length, 1);
  }
});

test('pages of other origins are refused, those that may connect are let in after asking', async (t) => {
  const page = 'https://chat.example';
  const from = await startServer(t, { settings: { ...settings, 'server.allowed_origins': page } });
  const preflight = (Origin) =>
    from.fetch('/v1/groups', {
      method: 'OPTIONS',
      headers: { Origin, 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'authorization' },
    });
  for (const Origin of ['https://evil.example', 'null', `http://127.0.0.1:${from.port}`]) {
    for (const response of [await preflight(Origin), await ask('/v1/groups', {}, { from, headers: { Origin } })]) {
      assert.equal(response.status, 403, Origin);
      assert.equal(JSON.parse(response.body).reason, 'not_permitted');
      assert.equal(response.headers['access-control-allow-origin'], undefined);
    }
  }

  const { status, headers, body } = await preflight(page);
  assert.deepEqual([status, body, headers['content-length']], [204, '', undefined]);
  assert.equal(headers['access-control-allow-headers'], 'authorization');
  for (const response of [
    { headers },
    await ask('/v1/groups', {}, { from, headers: { Origin: page } }),
    await ask('/v1/groups', { limit: 0 }, { from, headers: { Origin: page } }),
    await ask('/v1/groups', {}, { from, token: 'no', headers: { Origin: page } }),
  ]) {
    assert.equal(response.headers['access-control-allow-origin'], page);
    assert.equal(response.headers.vary, 'Origin');
  }
});

test('development mode answers pages of this machine with a token for the asking', async (t) => {
  const from = await startServer(t, { flags: ['--dev'] });
  await from.member(ann, 'tea');
  const { token } = JSON.parse((await from.fetch(`/dev/token?user=${bob}`)).body);
  const Origin = 'http://localhost:5173';
  const { json, headers } = await ask('/v1/groups', {}, { from, token, headers: { Origin } });
  assert.deepEqual(json.list, [{ group: 'tea', number_of_users: 1 }]);
  assert.equal(headers['access-control-allow-origin'], Origin);
  assert.equal((await ask('/v1/groups', {}, { from, token, headers: { Origin: 'http://evil.example' } })).status, 403);
});

test('questions on one connection are answered in their order, also when they come at once', async () => {
  await server.member(ann, 'pipe');
  const peer = await server.http();
  const request = (method, path) =>
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${server.token(ann)}\r\n\r\n`;
  const asked = [
    ['GET', target('/v1/users', { group: 'pipe' })],
    ['GET', '/healthz'],
    ['HEAD', target('/v1/groups', groupsThat('pipe'))],
    ['GET', target('/v1/groups', { limit: 0 })],
    ['POST', '/v1/groups'],
    ['GET', target('/v1/groups', groupsThat('pipe'))],
  ];
  for (let round = 0; round < 3; ++round) {
    peer.write(asked.map(([method, path]) => request(method, path)).join(''));
    const answers = [];
    for (const [method] of asked) answers.push(await peer.response({ head: method === 'HEAD' }));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 400, 405, 200],
    );
    assert.equal(answers[2].headers['content-length'], answers[5].headers['content-length']);
    assert.deepEqual(names(JSON.parse(answers[5].body).list), ['pipe']);
  }
  peer.write(request('GET', '/v1/groups').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  assert.equal((await peer.response()).headers.connection, 'close');
  assert.equal(await peer.ended(), '');
});

// Asks until it is let in: a place becomes free a moment after its connection has ended.
async function letIn(from, headers) {
  for (let attempt = 0; attempt < 1000; ++attempt) {
    if ((await from.fetch('/v1/groups', { headers })).status === 200) return;
  }
  assert.fail('nobody is let in again');
}

test('a client that hangs up behind its question leaves nothing behind', async (t) => {
  const from = await startServer(t, { settings: { ...settings, 'limits.connections_per_address_max': 4 } });
  const headers = { Host: 'localhost', ...bearer(from.token(ann)) };
  for (let i = 0; i < 200; ++i) {
    const peer = await from.http();
    peer.request('GET', '/v1/groups', headers);
    peer.destroy();
    await letIn(from, headers);
  }
});

test('the rate is that of the user, whatever the connection, and not that of others', async (t) => {
  const from = await startServer(t, { settings: { 'limits.commands_per_second': 1, 'limits.commands_burst': 2 } });
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask('/v1/groups', {}, { from })));
  const refused = answers.find(({ status }) => status !== 200);
  assert.deepEqual([refused.status, refused.json.reason, refused.json.retry], [429, 'rate_limited', true]);
  assert.ok(refused.json.retry_after_ms > 0 && refused.json.retry_after_ms <= 1000);
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal((await ask('/v1/groups', {}, { from, user: eve })).status, 200);
});

test('a page has up to a thousand rows', async (t) => {
  const connections = 1_001;
  const from = await startServer(t, {
    settings: {
      ...settings,
      'limits.connections_per_address_max': connections + 10,
      'limits.connections_per_user_max': connections,
      'limits.outbox_bytes_max': 8 << 20,
    },
  });
  const groups = Array.from({ length: connections }, (_, n) => `thousand/${String(n).padStart(4, '0')}`);
  for (let at = 0; at < groups.length; at += 50)
    await Promise.all(groups.slice(at, at + 50).map((group) => from.member(ann, group)));
  const first = await list('/v1/groups', { limit: 1000 }, { from });
  assert.deepEqual(names(first.list), groups.slice(0, 1000));
  const rest = await list('/v1/groups', { limit: 1000, startKey: first.startKey }, { from });
  assert.deepEqual([names(rest.list), rest.startKey], [groups.slice(1000), 'end']);
  assert.deepEqual(names(await pages('/v1/groups', { limit: 300, ascending: false }, { from })), groups.toReversed());
});
