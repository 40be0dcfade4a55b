// What the sender makes of all that a push service can do.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CertificateAuthority } from '../integration/support/certificates.mjs';
import { temporaryFolder } from '../integration/support/program.mjs';
import { Sender } from './sender.mjs';
import { PushService, startOddServer } from './service.mjs';

const folder = temporaryFolder({ after });
const ca = join(folder, 'ca.pem');
const tls = new CertificateAuthority(folder).issue();
const minute = 60_000;

const started = async (t, server) => {
  const running = await server;
  t.after(() => running.close());
  return running;
};
const startService = (t, options) => started(t, PushService.start(tls, options));

// A sender that trusts our authority and may reach `servers`.
function startSender(t, servers, flags = [], env = {}) {
  const admitted = servers.flatMap(({ host }) => ['--admit', host]);
  return new Sender(t, ['--ca', ca, ...admitted, ...flags], env);
}

const service = await PushService.start(tls);
after(() => service.close());

// Each path of the service's, and what is to come of it.
const answers = [
  ['/status/201', 201, 'delivered'],
  ['/status/200', 200, 'delivered'],
  ['/status/400', 400, 'refused'],
  ['/status/403', 403, 'refused'],
  ['/status/413', 413, 'refused'],
  ['/status/404', 404, 'subscription_gone'],
  ['/status/410', 410, 'subscription_gone'],
  ['/status/429', 429, 'retry', 0],
  ['/status/429/120', 429, 'retry', 2 * minute],
  [`/status/429/${encodeURIComponent(new Date(Date.now() + 10 * minute).toUTCString())}`, 429, 'retry', 9 * minute],
  ['/status/429/7200', 429, 'expired'],
  ['/status/429/soon', 429, 'retry', 0],
  ['/status/500', 500, 'retry', 0],
  ['/status/502', 502, 'retry', 0],
  ['/status/503/30', 503, 'retry', minute / 2],
  ['/redirect/https%3A%2F%2F169.254.169.254%2Flatest%2Fmeta-data', 307, 'refused'],
  ['/large/201', 201, 'delivered'],
  ['/trickle', 201, 'delivered'],
];
for (const version of ['2.0', '1.1']) {
  test(`the answers of an HTTP/${version} service are told as they are`, async (t) => {
    const told = version === '2.0' ? service : await startService(t, { http2: false });
    // Only the answer that never ends is not waited for until the end.
    const [patient, brief] = [startSender(t, [told]), startSender(t, [told], ['--total-timeout-ms', '4000'])];
    const all = answers.map(async ([path, status, verdict, waitMs]) => {
      const outcome = await (path === '/trickle' ? brief : patient).deliver(told.origin + path);
      const got = { error: outcome.error, status: outcome.status, verdict: outcome.verdict };
      assert.deepEqual(got, { error: 'none', status, verdict }, path);
      if (waitMs === undefined) return;
      const wait = outcome.retry_in_ms;
      assert.ok(wait > waitMs && wait <= waitMs + minute + 2_000, `${path}: ${wait} ms`);
    });
    await Promise.all(all);
    assert.ok(told.requests.every((request) => request.version === version));
  });
}

async function assertFails(outcome, error) {
  const { id, reason, retry_in_ms, ...rest } = await outcome;
  assert.deepEqual(rest, { error, status: 0, verdict: 'retry' }, reason);
  assert.ok(retry_in_ms > 0);
  assert.doesNotMatch(reason, /secret|the\.vapid|the-vapid|sealed/);
  return reason;
}

for (const http2 of [true, false]) {
  const cut = http2 ? 'an HTTP/2 session' : 'an HTTP/1.1 connection';
  test(`a service that cuts ${cut} off or sends headers without end gets no status`, async (t) => {
    const odd = await startService(t, { http2 });
    const sender = startSender(t, [odd]);
    await assertFails(sender.deliver(`${odd.origin}/reset/secret`), 'broken_answer');
    await assertFails(sender.deliver(`${odd.origin}/many-headers/secret`), 'broken_answer');
  });
}

test('a redirect is not followed', async (t) => {
  const target = await startService(t);
  const sender = startSender(t, [service, target]);
  const redirect = `${service.origin}/redirect/${encodeURIComponent(`${target.origin}/status/201`)}`;
  const { status, verdict } = await sender.deliver(redirect);
  assert.deepEqual({ status, verdict }, { status: 307, verdict: 'refused' });
  assert.equal(target.connections, 0);
});

test('a body without end is not read on', async (t) => {
  const sender = startSender(t, [service], ['--total-timeout-ms', '600000']);
  assert.equal((await sender.deliver(`${service.origin}/large/201`)).status, 201);
});

test('a service that does not answer in time is given up', async (t) => {
  const sender = startSender(t, [service], ['--total-timeout-ms', '200']);
  await assertFails(sender.deliver(`${service.origin}/silent/secret`), 'timed_out');
});

test('a service that spells its headers out for too long is given up', async (t) => {
  const spellOut = (socket) => {
    socket.write('HTTP/1.1 201 Created\r\nx: ');
    const timer = setInterval(() => socket.write('y'), 20);
    socket.on('close', () => clearInterval(timer));
  };
  const slow = await started(t, startOddServer(tls, spellOut));
  const sender = startSender(t, [slow], ['--total-timeout-ms', '400']);
  await assertFails(sender.deliver(`${slow.origin}/secret`), 'timed_out');
});

test('a server that accepts and says nothing is given up after the time for connecting', async (t) => {
  const mute = await started(t, startOddServer(null, () => {}));
  const sender = startSender(t, [mute], ['--connect-timeout-ms', '200']);
  await assertFails(sender.deliver(`${mute.origin}/secret`), 'timed_out');
});

test('what is not HTTP, or not TLS, is no answer', async (t) => {
  const garbage = await started(t, startOddServer(tls, (socket) => socket.end('220 mail.example ESMTP\r\n')));
  const plain = await started(t, startOddServer(null, (socket) => socket.end('HTTP/1.1 201 Created\r\n\r\n')));
  const sender = startSender(t, [garbage, plain]);
  await assertFails(sender.deliver(`${garbage.origin}/secret`), 'broken_answer');
  await assertFails(sender.deliver(`${plain.origin}/secret`), 'tls_failed');
});

test('a certificate of somebody else, or for another host, is refused', async (t) => {
  const stranger = new CertificateAuthority(temporaryFolder(t)).issue();
  const impostor = await started(t, PushService.start(stranger));
  const named = ['--admit', 'push.example.com', '--resolve', 'push.example.com=127.0.0.1'];
  const sender = startSender(t, [impostor, service], named);
  assert.match(await assertFails(sender.deliver(`${impostor.origin}/status/201/secret`), 'tls_failed'), /certificate/);
  const misnamed = service.origin.replace('localhost', 'push.example.com');
  assert.match(await assertFails(sender.deliver(`${misnamed}/status/201/secret`), 'tls_failed'), /push\.example\.com/);
  assert.equal(impostor.requests.length, 0);
});

test('a host where nobody listens, and one that does not exist, are told apart', async (t) => {
  const gone = await PushService.start(tls);
  gone.close();
  const sender = startSender(t, [gone], ['--resolve', 'nowhere.example.com=not-an-address.invalid']);
  await assertFails(sender.deliver(`${gone.origin}/secret`), 'no_connection');
  await assertFails(sender.deliver('https://nowhere.example.com/secret'), 'name_not_found');
});

test('no private address is connected to, neither written nor behind a public name', async (t) => {
  const connected = [];
  const private_ = await started(t, startOddServer(null, (socket) => connected.push(socket.destroy())));
  const port = private_.host.split(':')[1];
  const addresses = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '169.254.169.254', '10.0.0.1', 'fd00:ec2::254'];
  const names = addresses.map((_, index) => `push${index}.example.com`);
  const named = addresses.flatMap((address, index) => ['--resolve', `${names[index]}=${address}`]);
  const sender = startSender(t, [{ host: 'elsewhere.example.com' }], named);
  const urls = [
    ...names.map((name) => `https://${name}:${port}/secret`),
    `https://localhost:${port}/secret`,
    `https://127.0.0.1:${port}/secret`,
    `https://[::1]:${port}/secret`,
    `https://[::ffff:127.0.0.1]:${port}/secret`,
  ];
  for (const url of urls) assert.match(await assertFails(sender.deliver(url), 'forbidden_target'), /public/, url);
  assert.deepEqual(connected, []);
});

test('a host that the operator admits may have a private address, on the port that is admitted', async (t) => {
  const other = await startService(t);
  const sender = startSender(t, [service]);
  assert.equal((await sender.deliver(`${service.origin}/status/201`)).status, 201);
  const refused = sender.deliver(`${other.origin}/status/201/secret`);
  assert.match(await assertFails(refused, 'forbidden_target'), /"localhost" is none/); // without looking it up
});

test('a proxy of the environment is not asked', async (t) => {
  const asked = [];
  const proxy = await started(t, startOddServer(null, (socket) => asked.push(socket.destroy())));
  const url = `http://${proxy.host}`;
  const environment = { https_proxy: url, HTTPS_PROXY: url, ALL_PROXY: url };
  const sender = startSender(t, [service], [], environment);
  assert.equal((await sender.deliver(`${service.origin}/status/201`)).status, 201);
  assert.deepEqual(asked, []);
});

test('a message arrives as it was made', async (t) => {
  const told = await startService(t);
  const sender = startSender(t, [told]);
  await sender.deliver(`${told.origin}/status/201/../a%2Fb?c=d`, { body: 'x'.repeat(4_096) });
  const [{ path, headers, body }] = told.requests;
  assert.equal(path, '/status/201/../a%2Fb?c=d');
  assert.equal(body.toString(), 'x'.repeat(4_096));
  assert.deepEqual(
    ['content-encoding', 'ttl', 'urgency', 'authorization', 'cookie', 'expect'].map((name) => headers[name]),
    ['aes128gcm', '86400', 'normal', 'vapid t=the.vapid.token, k=the-vapid-key', undefined, undefined],
  );
  assert.match(headers['user-agent'], /^pipit\//);
});

test('five hundred messages for one HTTP/2 service share few connections', async (t) => {
  const told = await startService(t);
  const sender = startSender(t, [told]);
  for (let i = 0; i < 500; i += 1) sender.send(`${told.origin}/status/201`, { user: `user${i % 50}` });
  await sender.count(500);
  assert.ok(sender.outcomes.every(({ status }) => status === 201));
  assert.equal(new Set(sender.outcomes.map(({ id }) => id)).size, 500);
  assert.ok(told.connections <= 2, `${told.connections} connections`);
});

// It is built on nghttp2, which cuts connections with too many resets.
test('thousands of messages for an HTTP/2 service come once each', async (t) => {
  const told = await startService(t);
  const sender = startSender(t, [told], ['--waiting-max', '3000', '--waiting-per-origin-max', '3000']);
  for (let i = 0; i < 2_500; i += 1) sender.send(`${told.origin}/status/201`, { user: `user${i % 50}` });
  await sender.count(2_500);
  assert.ok(sender.outcomes.every(({ status }) => status === 201));
  assert.equal(told.requests.length, 2_500);
});

test('an HTTP/2 service gets many messages at the same time', async (t) => {
  const told = await startService(t);
  const sender = startSender(t, [told], ['--in-flight-per-origin-max', '2']);
  sender.send(`${told.origin}/status/201`);
  for (let i = 0; i < 50; i += 1) sender.send(`${told.origin}/hold`);
  await told.received(51);
  told.release();
  await sender.count(51);
  assert.equal(told.connections, 1);
});

test('an HTTP/2 service that takes few messages at a time gets no more connections than the limit', async (t) => {
  const told = await startService(t, { settings: { maxConcurrentStreams: 2 } });
  const sender = startSender(t, [told], ['--in-flight-per-origin-max', '3']);
  for (let i = 0; i < 200; i += 1) sender.send(`${told.origin}/status/201`);
  await sender.count(200);
  assert.ok(sender.outcomes.every(({ status }) => status === 201));
  assert.ok(told.connectionsMax <= 3, `${told.connectionsMax} connections`);
});

test('messages for an HTTP/1.1 service share no more connections than the limit', async (t) => {
  const told = await startService(t, { http2: false });
  const sender = startSender(t, [told], ['--in-flight-per-origin-max', '3']);
  for (let i = 0; i < 60; i += 1) sender.send(`${told.origin}/status/201`);
  await sender.count(60);
  assert.ok(sender.outcomes.every(({ status }) => status === 201));
  assert.ok(told.connectionsMax <= 3, `${told.connectionsMax} connections`);
});

test('a slow service holds nobody else up', async (t) => {
  const [slow, fast] = [await startService(t), await startService(t)];
  const sender = startSender(t, [slow, fast], ['--in-flight-max', '12']);
  for (let i = 0; i < 100; i += 1) sender.send(`${slow.origin}/hold`);
  await slow.received(8);
  const quick = Array.from({ length: 100 }, () => sender.deliver(`${fast.origin}/status/201`));
  assert.ok((await Promise.all(quick)).every(({ status }) => status === 201));
  assert.equal(slow.requests.length, 8);
  assert.equal(sender.outcomes.length, 100);
});

test('a user with much to send holds no other user up', async (t) => {
  const told = await startService(t);
  const sender = startSender(t, [told], ['--in-flight-max', '1', '--waiting-per-origin-max', '21']);
  sender.send(`${told.origin}/hold`, { user: 'ann' });
  await told.received(1);
  for (let i = 0; i < 20; i += 1) sender.send(`${told.origin}/status/201`, { user: 'ann' });
  const bob = sender.send(`${told.origin}/status/201`, { user: 'bob' });
  const tooMany = sender.send(`${told.origin}/status/201`, { user: 'bob' });
  await sender.outcome(tooMany); // so all others wait by now
  told.release();
  await sender.count(23);
  assert.ok(sender.outcomes.findIndex(({ id }) => id === bob) <= 3);
});

test('what exceeds a limit is refused by its name', async (t) => {
  const told = await startService(t);
  const limits = ['--waiting-max', '3', '--waiting-per-origin-max', '2', '--in-flight-max', '1'];
  const sender = startSender(t, [told], limits);
  sender.send(`${told.origin}/hold`);
  await told.received(1);
  const ids = Array.from({ length: 3 }, () => sender.send(`${told.origin}/status/201`));
  assert.deepEqual(await sender.outcome(ids[2]), { id: ids[2], handover: 'origin_full' });
  sender.send('https://elsewhere.example.com/');
  const last = sender.send('https://elsewhere.example.com/');
  assert.deepEqual(await sender.outcome(last), { id: last, handover: 'queue_full' });
});

test('closing ends what waits and what is in flight, and says so of each', async (t) => {
  const told = await startService(t);
  const sender = startSender(t, [told], ['--in-flight-max', '5']);
  const ids = Array.from({ length: 50 }, () => sender.send(`${told.origin}/hold`));
  await told.received(5);
  await sender.close();
  assert.deepEqual(sender.outcomes.map(({ id }) => id).sort((a, b) => a - b), ids);
  assert.ok(sender.outcomes.every(({ error }) => error === 'closed'));
});

test('a message that its service cuts off can be sent again at once', async (t) => {
  const told = await startService(t);
  const sender = startSender(t, [told]);
  await assertFails(sender.deliver(`${told.origin}/reset/secret`), 'broken_answer');
  assert.equal((await sender.deliver(`${told.origin}/status/201`)).status, 201);
});

test('closing with patience lets what is in flight end', async (t) => {
  const told = await startService(t);
  const sender = startSender(t, [told], ['--in-flight-max', '5', '--patience-ms', '60000']);
  for (let i = 0; i < 9; i += 1) sender.send(`${told.origin}/hold`);
  await told.received(5);
  const closed = sender.close();
  await sender.count(4);
  told.release();
  await closed;
  const errors = sender.outcomes.map(({ error }) => error);
  assert.deepEqual(errors, [...Array(4).fill('closed'), ...Array(5).fill('none')]);
});
