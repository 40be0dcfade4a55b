// The public client, skapi-js, on the wire: how it finds the server, its socket, what it says and hears there, and
// what it has in common with Pipit's own client.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { continuation, text } from '../conformance/wire/frames.mjs';
import { startServer } from './support/server.mjs';
import { SkapiClient, madeUp, skapiCall, skapiRefusal, skapiTokens } from './support/skapi.mjs';
import { ann, bob, eve } from './support/users.mjs';

const generous = { 'limits.commands_per_second': 100_000, 'limits.commands_burst': 100_000 };
const start = (t, settings = {}) =>
  startServer(t, { settings: { 'server.workers': 2, ...generous, ...settings }, flags: ['--dev'] });
const server = await start({ after });
const tokensOf = Object.fromEntries(
  await Promise.all([ann, bob, eve].map(async (user) => [user, await skapiTokens(server, user)])),
);
const admin = await skapiTokens(server, eve, '--admin', '--name', 'Eve');
const open = (user) => SkapiClient.open(server, tokensOf[user].accessToken);
const member = (user, group) => SkapiClient.member(server, tokensOf[user], group);
const cidOf = (cid) => `cid:${cid}`;

test('the client finds the server with ? and with #, in both versions, and every page may read it', async () => {
  const origin = `http://127.0.0.1:${server.port}`;
  for (const path of [
    '/skapi/?.cloudfront.net/us31/admin-v1.json',
    '/skapi/?.cloudfront.net/us31/record-v2.json',
    '/skapi/',
    '/skapi',
  ]) {
    const { status, headers, body } = await server.fetch(path, { headers: { Origin: 'https://anywhere.example' } });
    assert.equal(status, 200);
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.equal(headers['cache-control'], 'no-store');
    assert.match(body, /^[\x20-\x7e]*$/);
    const found = JSON.parse(body);
    for (const gateway of ['service_public', 'record_private', 'get_users_private', 'admin_private'])
      assert.equal(found[gateway], `${origin}/skapi/`);
    assert.equal(found.websocket_private, `ws://127.0.0.1:${server.port}/skapi/realtime`);
    assert.match(found.userpool_id, /^[\w-]+_[0-9a-zA-Z]+$/);
    assert.ok(found.userpool_client);
  }
});

test('skapi.url says how clients reach the server, and a Host that names none is refused', async (t) => {
  const behind = await start(t, { 'skapi.url': 'https://chat.example' });
  const found = JSON.parse((await behind.fetch('/skapi/')).body);
  assert.equal(found.record_private, 'https://chat.example/skapi/');
  assert.equal(found.websocket_private, 'wss://chat.example/skapi/realtime');
  for (const Host of ['a b', '"x"', 'x:80/y', 'x:123456', 'x:8x'])
    assert.equal((await server.fetch('/skapi/', { headers: { Host } })).status, 400, Host);
});

test('it is off unless it is set or --dev', async (t) => {
  const off = await startServer(t);
  for (const path of ['/skapi/', '/skapi/service', '/skapi/realtime'])
    assert.equal((await off.fetch(path)).status, 404, path);
});

test('the service is shown to its own pages only', async () => {
  const ask = (service, owner) => server.fetch(`/skapi/service?service=${service}&owner=${owner}&refresh=false`);
  const { status, body } = await ask(madeUp.service, madeUp.owner);
  assert.equal(status, 200);
  const { service_name: name, group, opt } = JSON.parse(body);
  assert.deepEqual([name, group >= 3, typeof opt], ['Pipit', true, 'object']);
  for (const other of [
    ['us31other00000', madeUp.owner],
    [madeUp.service, ann],
    ['', ''],
  ]) {
    const refused = await ask(...other);
    assert.deepEqual([refused.status, JSON.parse(refused.body).code], [404, 'NOT_EXISTS']);
  }
});

test('pages that may not connect may not ask, and those that may read every answer', async () => {
  const page = 'http://localhost:5173';
  const preflight = await server.fetch('/skapi/get-ws-group', {
    method: 'OPTIONS',
    headers: {
      Origin: page,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-meta,content-type',
    },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers['access-control-allow-origin'], page);
  const allowed = preflight.headers['access-control-allow-headers'].split(', ');
  for (const name of ['authorization', 'content-type', 'content-meta', 'cache-control', 'pragma'])
    assert.ok(allowed.includes(name), name);
  assert.match(preflight.headers['access-control-allow-methods'], /GET, POST/);
  assert.ok(Number(preflight.headers['access-control-max-age']) >= 600);

  const { idToken } = tokensOf[ann];
  const headers = { Origin: page };
  for (const asked of [
    await skapiCall(server, 'get-vapid-public-key', idToken, {}, { headers }),
    await skapiCall(server, 'get-vapid-public-key', 'no', {}, { headers }),
    await skapiCall(server, 'get-vapid-public-key', undefined, {}, { headers }),
    await skapiCall(server, 'get-vapid-public-key', idToken, '{', { headers }),
    await skapiCall(server, 'no-such-call', idToken, {}, { headers }),
    await server.fetch('/skapi/get-ws-group', { headers }),
    await server.fetch('/skapi/service?service=x', { headers }),
  ])
    assert.equal(asked.headers['access-control-allow-origin'], page, `${asked.status} ${asked.body}`);
  const foreign = { Origin: 'https://anywhere.example' };
  const refused = await skapiCall(server, 'get-vapid-public-key', idToken, {}, { headers: foreign });
  assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [403, undefined]);
  assert.equal((await skapiRefusal(server, tokensOf[ann].accessToken, foreign)).status, 403);
});

test('a socket needs a token that is good here', async () => {
  const expired = await skapiTokens(server, ann, '--ttl', '1s');
  const elsewhere = await skapiTokens(server, ann, '--service', 'us31elsewhere1', '--owner', ann);
  const [header, claims, signature] = tokensOf[ann].accessToken.split('.');
  const forged = Buffer.from(claims, 'base64url').toString().replace(ann, bob);
  for (const [what, token] of Object.entries({
    none: '',
    nonsense: 'a.b.c',
    refresh: tokensOf[ann].refreshToken,
    native: server.token(ann),
    elsewhere: elsewhere.accessToken,
    forged: `${header}.${Buffer.from(forged).toString('base64url')}.${signature}`,
  })) {
    const { status } = await skapiRefusal(server, token);
    assert.equal(status, 401, what);
  }
  const deadline = Date.now() + 15_000;
  let status;
  do ({ status } = await skapiCall(server, 'get-vapid-public-key', expired.idToken));
  while (status === 200 && Date.now() < deadline);
  assert.equal(status, 401);
  assert.equal((await skapiRefusal(server, expired.accessToken)).status, 401);
});

test('why a token is refused is in the log for who looks for it', async (t) => {
  const talkative = await start(t, { 'log.level': 'debug' });
  assert.equal((await skapiRefusal(talkative, 'a.b.c')).status, 401);
  await talkative.logged(/a client of skapi was refused: The token is not a well-formed JWT\./);
});

test('tokens of the public client are no good for Pipit’s own', async () => {
  const client = await server.open();
  const { error } = await client.request({ op: 'connect', token: tokensOf[ann].idToken });
  assert.equal(error.reason, 'token_refused');
});

test('who comes, goes and is lost is told to the others, and to nobody about itself', async () => {
  const [first, second] = [await member(ann, 'tea'), await open(bob)];
  second.send({ action: 'keepAlive' });
  second.send({ action: 'joinRoom', rid: 'tea', token: tokensOf[bob].accessToken });
  const joined = await first.frame();
  const cid = joined['#scid'];
  assert.deepEqual(joined, {
    '#notice': `User "${bob}" has joined the message group.`,
    '#code': 'USER_JOINED',
    '#user_id': bob,
    '#scid': cid,
    '#srid': 'tea',
  });
  second.send({ action: 'joinRoom', rid: 'chess', token: '' });
  assert.deepEqual((await first.frame())['#notice'], `User "${bob}" has left the message group.`);
  second.send({ action: 'joinRoom', rid: 'tea', token: '' });
  assert.equal((await first.frame())['#code'], 'USER_JOINED');
  second.send({ action: 'joinRoom', rid: null, token: '' });
  assert.equal((await first.frame())['#code'], 'USER_LEFT');
  second.send({ action: 'joinRoom', rid: 'tea', token: '' });
  assert.equal((await first.frame())['#code'], 'USER_JOINED');
  await second.quiet(bob);
  await second.close();
  const lost = await first.frame();
  assert.deepEqual([lost['#code'], lost['#user_id'], lost['#scid']], ['USER_DISCONNECTED', bob, cid]);
  assert.match(lost['#notice'], new RegExp(`^User "${bob}" has been disconnected\\..*message group`));
  await first.close();
});

test('messages go to every member, the sender too; private ones to every connection of that user', async () => {
  // In a group of its own, and so signed in for certain, the outsider hears what comes for its user.
  const [first, second, outsider] = [await member(ann, 'words'), await member(bob, 'words'), await member(bob, 'outside')];
  assert.equal((await first.frame())['#code'], 'USER_JOINED');
  assert.equal(typeof (await first.frame())['#message'], 'string'); // how the second found its own cid
  second.broadcast('words', { n: 1 });
  for (const client of [first, second]) {
    const expected = { '#message': { n: 1 }, '#user_id': bob, '#scid': second.cid, '#srid': 'words' };
    assert.deepEqual(await client.frame(), expected);
  }
  first.post(bob, 'psst');
  for (const client of [second, outsider])
    assert.deepEqual(await client.frame(), { '#private': 'psst', '#user_id': ann, '#scid': first.cid });
  outsider.broadcast('words', 'from outside');
  assert.match((await outsider.frame())['#error'], /^INVALID_REQUEST: User has not joined/);
  await first.quiet(ann);
  for (const client of [first, second, outsider]) await client.close();
});

test('every kind of content arrives as it was sent', async () => {
  const client = await member(ann, 'all kinds');
  const contents = [
    0, 1.5e300, true, 'text', [], {}, [1, [2, { a: null }]], { 'a b': '"' },
    '100% %41 %zz %E4 %23 ; / ? : @ & = + $ , #', '"\\\b\f\n\r\t\u0000\u2028', 'ä ß 中 😀 \ud83d\ude00',
    { '%': '%25' }, 'lone \ud800 and \udfff', '\u0025', "'; drop", '\n{"id":9,"op":"leave"}\n',
  ]; // prettier-ignore
  for (const content of contents) {
    client.broadcast('all kinds', content);
    assert.deepEqual((await client.frame())['#message'], content);
  }
  client.broadcast('all kinds', undefined);
  assert.deepEqual((await client.frame())['#message'], null);
  await client.close();
});

test('line ends in the JSON of a message do not become commands', async () => {
  const client = await member(ann, 'lines');
  client.sendText('{\n"action" : "broadcast",\n"rid":"lines",\r\n"content":\n{"a":\n1}\n,"notification":""}');
  assert.deepEqual((await client.frame())['#message'], { a: 1 });
  client.sendText('{"action":"broadcast","rid":"lines","content":1}\n{"action":"joinRoom","rid":"other"}');
  assert.ok('#error' in (await client.frame()));
  assert.equal(await client.echo('lines'), client.cid);
  await client.close();
});

test('a message of 1 MB in frames of 131000 bytes arrives, also at Pipit’s own client', async () => {
  const content = `%"ä😀\n`.repeat(120_000).slice(0, 1_000_000);
  const [client, native] = [await member(ann, 'large'), await server.member(bob, 'large')];
  assert.equal((await client.frame())['#code'], 'USER_JOINED');
  client.broadcast('large', content);
  assert.equal((await client.frame())['#message'], content);
  assert.equal((await native.event()).data, content);
  await client.close();
  await native.close();
});

test('a message of 2 MB goes right behind the opening, before the sign-in is through', async () => {
  const client = await open(ann);
  client.send({ action: 'joinRoom', rid: 'at once', token: '' });
  client.broadcast('at once', 'x'.repeat(2_000_000));
  assert.equal((await client.frame())['#message'].length, 2_000_000);
  await client.close();
});

test('one that is too long ends the connection with 1009, and what is no text with 1003', async () => {
  const long = await open(ann);
  long.sendFrames({ ...text('x'.repeat(1_500_000)), fin: false }, continuation('x'.repeat(1_500_000)));
  assert.equal((await long.closed()).code, 1009);
  const binary = await open(ann);
  binary.sendFrames({ ...text('x'), opcode: 2 });
  assert.equal((await binary.closed()).code, 1003);
});

test('what the client cannot have meant is answered with an error and does nothing else', async () => {
  const client = await member(ann, 'nonsense');
  for (const message of ['', '[]', '{', '7', '{}', '{"action":"dance"}', '{"action":7}', '{"action":"broadcast"}']) {
    client.sendText(message);
    assert.equal(typeof (await client.frame())['#error'], 'string', message);
  }
  client.broadcast('nonsense', 1, { notification: '{"title":1}' });
  assert.ok('#error' in (await client.frame()));
  client.broadcast('nonsense', 1, { notification: JSON.stringify({ title: 'T', body: 'x'.repeat(3_073) }) });
  assert.ok('#error' in (await client.frame()));
  assert.equal(await client.echo('nonsense'), client.cid);
  await client.close();
});

test('a client that answers pings stays, and one that does not is gone', async (t) => {
  // Who answers is not taken for silent, however slow this machine is.
  const quick = await start(t, { 'heartbeat.ping_interval_ms': 1_500, 'heartbeat.pong_timeout_ms': 1_500 });
  const { accessToken } = await skapiTokens(quick, ann);
  const [alive, dead] = [
    await SkapiClient.open(quick, accessToken),
    await SkapiClient.open(quick, accessToken, { answersPings: false }),
  ];
  assert.equal((await dead.closed()).code, 4003);
  await alive.pinged(4);
  await alive.quiet(ann);
});

test('groups and members are listed page by page, for whoever is signed in', async (t) => {
  const own = await start(t);
  const tokens = { [ann]: await skapiTokens(own, ann), [bob]: await skapiTokens(own, bob) };
  const clients = [];
  for (const [user, group] of [
    [ann, 'a1'],
    [bob, 'a1'],
    [ann, 'a2'],
    [ann, 'b#1'],
  ])
    clients.push(await SkapiClient.member(own, tokens[user], group));
  const list = async (members) => {
    const { status, body, answer } = await skapiCall(own, 'get-ws-group', tokens[bob].idToken, members);
    assert.equal(status, 200, body);
    assert.ok(answer.startKey, body);
    assert.equal(answer.endOfList, answer.startKey === 'end');
    return answer;
  };
  const groups = async (members) =>
    (await list(members)).list.map(({ rid, cnt }) => [rid.slice(madeUp.service.length + 1), cnt]);
  const all = { searchFor: 'group', value: ' ', condition: '>' };
  assert.deepEqual(await groups(all), [['a1', 2], ['a2', 1], ['b#1', 1]]); // prettier-ignore
  assert.deepEqual(await groups({ ...all, ascending: false }), [['b#1', 1], ['a2', 1], ['a1', 2]]); // prettier-ignore
  assert.deepEqual(await groups({ searchFor: 'group', value: 'a', condition: '>=' }), [['a1', 2], ['a2', 1]]); // prettier-ignore
  assert.deepEqual(await groups({ searchFor: 'number_of_users', value: 2, condition: 'gte' }), [['a1', 2]]);
  assert.deepEqual(await groups({ searchFor: 'group', value: 'a1', condition: '=', range: 'a2' }), [['a1', 2], ['a2', 1]]); // prettier-ignore
  const first = await list({ ...all, limit: 2 });
  assert.equal(typeof first.startKey, 'object');
  const second = await list({ ...all, limit: 2, startKey: first.startKey });
  assert.deepEqual([second.list.length, second.startKey], [1, 'end']);
  assert.deepEqual(await list({ ...all, startKey: 'end' }), { list: [], startKey: 'end', endOfList: true });
  const users = await list({ group: 'a1' });
  assert.deepEqual(
    users.list,
    [clients[0], clients[1]].map(({ cid }, i) => ({ uid: `${madeUp.service}#${[ann, bob][i]}`, cid })),
  );
  assert.deepEqual((await list({ group: 'a1', user_id: bob })).list.length, 1);
  assert.deepEqual((await list({ group: 'nobody' })).list, []);
  const { status, answer } = await skapiCall(own, 'get-ws-group', tokens[bob].idToken, { ...all, limit: 1_001 });
  assert.deepEqual([status, answer.code], [400, 'INVALID_PARAMETER']);
  for (const client of clients) await client.close();
});

test('a call is refused for another service, and without a token that counts', async () => {
  const refusal = async (...asked) => {
    const { status, answer } = await skapiCall(server, ...asked);
    return [status, answer.code];
  };
  const { idToken } = tokensOf[ann];
  const other = { service: { ...madeUp, service: 'us31other00000' } };
  assert.deepEqual(await refusal('get-vapid-public-key', idToken, {}, other), [400, 'INVALID_PARAMETER']);
  for (const token of [undefined, 'no', server.token(ann), tokensOf[ann].refreshToken])
    assert.deepEqual(await refusal('get-vapid-public-key', token), [401, 'INVALID_REQUEST']);
  assert.deepEqual(await refusal('no-such-call', idToken), [404, 'NOT_EXISTS']);
  const fitting = await skapiCall(server, 'get-vapid-public-key', idToken);
  assert.match(fitting.answer, /^[\w-]{87}$/);
});

test('users are known by their ids', async () => {
  const asked = { searchFor: 'user_id', value: [ann, bob], condition: '=' };
  const { status, answer } = await skapiCall(server, 'get-users', tokensOf[ann].idToken, asked);
  assert.equal(status, 200);
  assert.deepEqual(answer.list.map(({ user_id: user }) => user), [ann, bob]); // prettier-ignore
});

test('a refresh token is good for new tokens of the same person, and nothing else is', async () => {
  const refresh = async (token, flow = 'REFRESH_TOKEN_AUTH') => {
    const body = JSON.stringify({ ClientId: 'pipit', AuthFlow: flow, AuthParameters: { REFRESH_TOKEN: token } });
    const { status, body: answer } = await server.fetch('/skapi/cognito/', { method: 'POST', body });
    return { status, answer: JSON.parse(answer) };
  };
  const { status, answer } = await refresh(admin.refreshToken);
  assert.equal(status, 200);
  const { IdToken: id, AccessToken: access } = answer.AuthenticationResult;
  const claims = JSON.parse(Buffer.from(id.split('.')[1], 'base64url'));
  assert.deepEqual([claims.sub, claims.name, claims.access_group], [eve, 'Eve', 99]);
  await (await SkapiClient.open(server, access)).close();
  for (const [token, flow] of [[admin.idToken], [server.token(eve)], ['x'], [admin.refreshToken, 'USER_SRP_AUTH']]) {
    const refused = await refresh(token, flow);
    assert.deepEqual([refused.status, refused.answer.__type], [400, 'NotAuthorizedException']);
  }
});

test('both kinds of clients share a group: messages, notices, listings', async () => {
  const [client, native] = [await member(ann, 'mixed'), await server.member(bob, 'mixed')];
  assert.deepEqual(await client.frame(), {
    '#notice': `User "${bob}" has joined the message group.`,
    '#code': 'USER_JOINED',
    '#user_id': bob,
    '#scid': native.welcome.cid.slice(4),
    '#srid': 'mixed',
  });
  client.broadcast('mixed', { from: 'skapi' });
  const event = await native.event();
  assert.deepEqual([event.ev, event.data, event.cid], ['message', { from: 'skapi' }, cidOf(client.cid)]);
  assert.deepEqual((await client.frame())['#message'], { from: 'skapi' });
  await native.post({ group: 'mixed' }, '"50%"');
  assert.deepEqual((await client.frame())['#message'], '50%');
  await native.post({ cid: cidOf(client.cid) }, '"only you"');
  assert.deepEqual(await client.frame(), {
    '#private': 'only you',
    '#user_id': bob,
    '#scid': native.welcome.cid.slice(4),
  });
  const { ok } = await native.request({ op: 'users', group: 'mixed' });
  const { answer } = await skapiCall(server, 'get-ws-group', tokensOf[ann].idToken, { group: 'mixed' });
  assert.deepEqual(
    answer.list.map(({ uid, cid }) => [uid.split('#')[1], cidOf(cid)]),
    ok.list.map(({ user_id: user, cid }) => [user, cid]),
  );
  await client.close();
  let notice;
  do notice = await native.event();
  while (notice.ev !== 'notice');
  assert.equal(notice.code, 'USER_DISCONNECTED');
  await native.close();
});

test('both kinds of clients call each other', async () => {
  const [client, native] = [await member(ann, 'calls'), await server.member(bob, 'calls')];
  await client.frame();
  const offer = { type: 'offer', sdp: 'v=0 100%' };
  const answer = { type: 'answer', sdp: 'v=0' };
  const candidate = { candidate: 'c', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'u' };
  const nativeCid = native.welcome.cid.slice(4);
  client.rtc(nativeCid, { sdpoffer: offer });
  client.rtc(nativeCid, { candidate });
  const ring = await native.event();
  assert.deepEqual([ring.ev, ring.user, ring.data.description], ['ring', ann, offer]);
  await native.request({ op: 'accept', call: ring.call, data: { description: answer, channels: [], in_band: true } });
  assert.deepEqual((await client.frame())['#rtc'], { sdpanswer: answer });
  const signal = await native.event();
  assert.deepEqual([signal.ev, signal.data.candidate], ['signal', candidate]);
  assert.deepEqual((await client.frame())['#rtc'], { pickup: bob });
  await native.request({ op: 'hangup', call: ring.call });
  assert.deepEqual((await client.frame())['#rtc'], { hungup: bob });

  const { ok } = await native.request({
    op: 'call',
    to: { cid: cidOf(client.cid) },
    data: { description: offer, channels: [] },
  });
  assert.deepEqual(await client.frame(), { '#rtc': { sdpoffer: offer }, '#user_id': bob, '#scid': nativeCid });
  client.rtc(nativeCid, { sdpanswer: answer });
  let event;
  do event = await native.event();
  while (event.ev !== 'accepted');
  assert.deepEqual([event.call, event.data.description, event.data.in_band], [ok.call, answer, true]);
  client.rtc(nativeCid, { hungup: ann });
  do event = await native.event();
  while (event.ev !== 'ended');
  await client.close();
  await native.close();
});

test('a stopping server closes every connection, and sends new ones and calls away', async (t) => {
  const stopping = await start(t, { 'drain.spread_ms': 300, 'drain.timeout_ms': 60_000 });
  const tokens = await skapiTokens(stopping, ann);
  const clients = [];
  for (let i = 0; i < 4; i += 1) clients.push(await SkapiClient.member(stopping, tokens, `tea ${i}`));
  const lingering = await stopping.open({ answersClose: false });
  stopping.signal('SIGTERM');
  for (const client of clients) assert.equal((await client.closed()).code, 4000);
  await lingering.closed();
  assert.equal((await skapiRefusal(stopping, tokens.accessToken)).status, 503);
  const { status, headers } = await skapiCall(stopping, 'get-vapid-public-key', tokens.idToken);
  assert.deepEqual([status, Number(headers['retry-after']) > 0], [503, true]);
  lingering.destroy();
  assert.equal(await stopping.exited(), 0);
});
