// The public client: several services on one server, which know nothing of each other, and tokens of identity providers.
import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PushService } from '../push/service.mjs';
import { CertificateAuthority } from './support/certificates.mjs';
import { deadlineMs } from './support/deadline.mjs';
import { temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { SkapiClient, skapiCall, skapiRefusal, skapiTokens } from './support/skapi.mjs';
import { SigningKey, inSeconds, keySet } from './support/tokens.mjs';
import { ann, bob, eve } from './support/users.mjs';

const tea = { service: 'us31teahouse01', owner: ann };
const chess = { service: 'ap22chessclub1', owner: bob };
const go = { service: 'eu71goclub0001', owner: eve };

const folder = temporaryFolder({ after });
const pushService = await PushService.start(new CertificateAuthority(folder).issue());
after(() => pushService.close());

// A server with these services: [{ service, owner, more: lines of TOML }].
function startWith(t, services, settings = {}) {
  const file = join(temporaryFolder(t), 'pipit.toml');
  const sections = services.map(
    ({ service, owner, more = '' }) => `[[skapi.services]]\nid = "${service}"\nowner = "${owner}"\n${more}\n`,
  );
  writeFileSync(file, `[skapi]\nenabled = true\n${sections.join('')}`);
  const push = { 'push.allowed_hosts': 'localhost', 'push.ca_file': join(folder, 'ca.pem') };
  const flags = ['--config', file];
  return startServer(t, { flags, settings: { 'server.workers': 2, ...push, ...settings } });
}

const server = await startWith({ after }, [{ ...tea, more: 'shared = true' }, chess, go]);
const tokensFor = ({ service, owner }, user, ...flags) =>
  skapiTokens(server, user, '--service', service, '--owner', owner, ...flags);
const member = async (service, user, group) => SkapiClient.member(server, await tokensFor(service, user), group);

test('groups of one name, and users of one id, in two services have nothing to do with each other', async () => {
  const all = [tea, chess, go];
  const [ofTea, ofChess, ofGo] = await Promise.all(all.map((service) => member(service, ann, 'lobby')));
  const native = await server.member(bob, 'lobby');
  assert.equal((await ofTea.frame())['#user_id'], bob); // the shared one
  for (const client of [ofChess, ofGo]) await client.quiet(ann);
  await native.post({ user: ann }, '"for ann of tea"');
  assert.equal((await ofTea.frame())['#private'], 'for ann of tea');
  for (const [client, service] of [
    [ofChess, chess],
    [ofGo, go],
  ]) {
    assert.equal(await client.echo('lobby'), client.cid);
    const { idToken } = await tokensFor(service, eve);
    const asked = { searchFor: 'group', value: ' ', condition: '>' };
    const { answer } = await skapiCall(server, 'get-ws-group', idToken, asked, { service });
    assert.deepEqual(answer.list, [{ rid: `${service.service}#lobby`, cnt: 1 }]);
    const users = await skapiCall(server, 'get-ws-group', idToken, { group: 'lobby' }, { service });
    assert.deepEqual(users.answer.list, [{ uid: `${service.service}#${ann}`, cid: client.cid }]);
  }
  await ofTea.quiet(ann);
  const { ok } = await native.request({ op: 'users', group: 'lobby' });
  assert.equal(ok.list.length, 2);
  for (const client of [ofTea, ofChess, ofGo, native]) await client.close();
});

test('a connection id of another service is one of nobody', async () => {
  const [ofTea, ofChess] = [await member(tea, ann, 'calls'), await member(chess, ann, 'calls')];
  const native = await server.member(bob, 'calls');
  await ofTea.frame();
  for (const [client, cid] of [
    [ofTea, ofChess.cid],
    [ofChess, ofTea.cid],
    [ofChess, native.welcome.cid.slice(4)],
  ]) {
    client.rtc(cid, { sdpoffer: { type: 'offer', sdp: 'v=0' } });
    const frame = await client.frame();
    assert.match(frame['#error'], /^NOT_EXISTS: /);
    assert.ok('hungup' in (await client.frame())['#rtc']);
  }
  const { error } = await native.request({ op: 'post', to: { cid: `cid:${ofChess.cid}` }, data: 1 });
  assert.equal(error.reason, 'recipient_not_found');
  for (const [client, user] of [
    [ofTea, ann],
    [ofChess, ann],
  ])
    await client.quiet(user);
  for (const client of [ofTea, ofChess, native]) await client.close();
});

test('a token opens its own service only', async () => {
  const { idToken } = await tokensFor(chess, ann);
  const asked = await skapiCall(server, 'get-vapid-public-key', idToken, {}, { service: tea });
  assert.equal(asked.status, 400);
  const unknown = await skapiTokens(server, ann, '--service', 'us31nowhere001', '--owner', ann);
  assert.equal((await skapiRefusal(server, unknown.accessToken)).status, 401);
});

test('a push to everyone reaches those of its own service only, and the keys are others', async () => {
  const admins = [];
  for (const service of [tea, chess]) {
    const options = { service };
    const { idToken } = await tokensFor(service, ann);
    const browser = createECDH('prime256v1');
    const keys = { p256dh: browser.generateKeys().toString('base64url'), auth: randomBytes(16).toString('base64url') };
    const subscription = { endpoint: `${pushService.origin}/status/201/${service.service}`, keys };
    const stored = await skapiCall(server, 'store-subscription', idToken, subscription, options);
    assert.equal(stored.status, 200, stored.body);
    const { answer: key } = await skapiCall(server, 'get-vapid-public-key', idToken, {}, options);
    const notification = { title: 'Tea', body: 'It is ready.', user_ids: 'all_users' };
    const refused = await skapiCall(server, 'push-notification', idToken, notification, options);
    assert.deepEqual([refused.status, refused.answer.code], [403, 'INVALID_REQUEST']);
    const { idToken: admin } = await tokensFor(service, eve, '--admin');
    admins.push({ service, admin, notification, key, subscription, idToken });
  }
  assert.notEqual(admins[0].key, admins[1].key);
  const pathOf = ({ service }) => `/status/201/${service}`;
  for (const { service, admin, notification } of admins) {
    const { status, body } = await skapiCall(server, 'push-notification', admin, notification, { service });
    assert.equal(status, 200, body);
    await pushService.until(() => pushService.requestsFor(pathOf(service)).length > 0 || undefined, 'a notification');
  }
  // To one user, after both: had the first reached the other service, that would have come before.
  for (const { service, admin, notification } of admins) {
    const one = { ...notification, user_ids: [ann] };
    assert.equal((await skapiCall(server, 'push-notification', admin, one, { service })).status, 200);
    await pushService.until(() => pushService.requestsFor(pathOf(service)).length > 1 || undefined, 'a second one');
  }
  assert.deepEqual(
    [tea, chess].map((service) => pushService.requestsFor(pathOf(service)).length),
    [2, 2],
  );
  for (const { service, subscription, idToken } of admins) {
    const gone = await skapiCall(server, 'delete-subscription', idToken, subscription, { service });
    assert.equal(gone.status, 200, gone.body);
  }
});

test('what a service of its own keeps is kept in a folder of its own', () => {
  const of = (...path) => existsSync(join(server.data, ...path));
  assert.ok(of('applications', chess.service, 'pipit.db') && of('applications', go.service, 'pipit.db'));
  assert.ok(!of('applications', tea.service));
  assert.ok(of('pipit.db'));
});

// An identity provider that publishes keys, and may take its time.
async function startProvider(t, document) {
  const provider = { document, held: null, requests: 0 };
  const http = createServer(async (request, response) => {
    provider.requests += 1;
    await provider.held;
    response.end(provider.document);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => http.close());
  provider.url = `http://127.0.0.1:${http.address().port}/keys`;
  return provider;
}

const issuer = 'https://id.example/pool';
const claims = (extra = {}) => ({ iss: issuer, sub: ann, exp: inSeconds(600), ...extra });

test('tokens of an identity provider are accepted for the service of their client', async (t) => {
  const key = new SigningKey('RS256', 'one');
  const provider = await startProvider(t, keySet(key));
  const keys = (clients) => `issuer = "${issuer}"\njwks_url = "${provider.url}"\nclient_ids = ${JSON.stringify(clients)}`;
  const own = await startWith(t, [
    { ...tea, more: keys(['tea', 'both']) },
    { ...chess, more: keys(['chess', 'both']) },
  ]);
  const access = (client, extra = {}) => key.sign(claims({ client_id: client, token_use: 'access', ...extra }));
  const id = (client, extra = {}) => key.sign(claims({ aud: client, token_use: 'id', ...extra }));
  const ofTea = await SkapiClient.member(own, { accessToken: access('tea') }, 'lobby');
  const ofChess = await SkapiClient.member(own, { accessToken: access('chess') }, 'lobby');
  await ofTea.quiet(ann);
  const ask = (token, service, call = 'get-vapid-public-key', members = {}) =>
    skapiCall(own, call, token, members, { service });
  assert.equal((await ask(id('both', { 'custom:service': chess.service }), chess)).status, 200);
  for (const [what, token] of Object.entries({
    'no client': key.sign(claims()),
    'another client': access('shop'),
    'two services': access('both'),
    'another service than that of its client': access('tea', { 'custom:service': chess.service }),
    expired: access('tea', { exp: inSeconds(-60) }),
    'another issuer': access('tea', { iss: `${issuer}/` }),
    'our own issuer': access('tea', { iss: `pipit/skapi/${tea.service}` }),
    'a key of the same name': new SigningKey('RS256', 'one').sign(claims({ client_id: 'tea' })),
  })) {
    assert.equal((await skapiRefusal(own, token)).status, 401, what);
  }
  const everyone = { title: 'T', body: 'B', user_ids: 'all_users' };
  assert.equal((await ask(id('tea'), tea, 'push-notification', everyone)).status, 403);
  assert.equal((await ask(id('tea', { role: 'admin' }), tea, 'push-notification', everyone)).status, 403);
  assert.equal((await ask(id('tea', { access_group: 99 }), tea, 'push-notification', everyone)).status, 200);
  const native = await own.open();
  assert.equal((await native.request({ op: 'connect', token: access('tea') })).error.reason, 'token_refused');
  for (const client of [ofTea, ofChess]) await client.close();
});

test('who comes before the keys are there waits for them, on the socket and with a call', async (t) => {
  const key = new SigningKey('RS256', 'one');
  const provider = await startProvider(t, keySet(key));
  let release;
  provider.held = new Promise((resolve) => (release = resolve));
  const own = await startWith(t, [
    { ...tea, more: `shared = true\nissuer = "${issuer}"\njwks_url = "${provider.url}"` },
    chess,
  ]);
  const native = await own.member(bob, 'tea');
  const accessToken = key.sign(claims());
  const waiting = await SkapiClient.open(own, accessToken);
  waiting.send({ action: 'keepAlive' });
  waiting.send({ action: 'joinRoom', rid: 'tea', token: accessToken });
  const stranger = await SkapiClient.open(own, new SigningKey('RS256', 'none').sign(claims()));
  const call = skapiCall(own, 'get-vapid-public-key', accessToken, {}, { service: tea });
  const settled = await Promise.race([call, native.post({ group: 'tea' }, '1')]);
  assert.ok(settled.ok, 'a call was answered before the keys came');
  assert.equal((await native.event()).ev, 'message'); // and nobody has joined
  release();
  const joined = await native.event();
  assert.deepEqual([joined.code, joined.user], ['USER_JOINED', ann]);
  assert.equal(`cid:${await waiting.echo('tea')}`, joined.cid);
  assert.equal((await call).status, 200);
  assert.equal((await stranger.closed()).code, 4500);
  for (const client of [waiting, native]) await client.close();
});

test('SIGHUP reads the file of a provider’s keys again', async (t) => {
  const file = join(temporaryFolder(t), 'keys.json');
  const [old, fresh] = [new SigningKey('RS256', 'key'), new SigningKey('RS256', 'key')];
  writeFileSync(file, keySet(old));
  const own = await startWith(t, [{ ...tea, more: `issuer = "${issuer}"\njwks_file = "${file}"` }]);
  assert.equal((await skapiRefusal(own, fresh.sign(claims()))).status, 401);
  writeFileSync(file, keySet(fresh));
  own.signal('SIGHUP');
  await own.logged(/VAPID keys were read again/);
  const deadline = Date.now() + deadlineMs;
  let status;
  do ({ status } = await skapiCall(own, 'get-vapid-public-key', fresh.sign(claims()), {}, { service: tea }));
  while (status === 401 && Date.now() < deadline);
  assert.equal(status, 200);
});
