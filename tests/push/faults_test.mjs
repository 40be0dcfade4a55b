// Everything that a push service can do to a notification, from the call to its end: the table of docs/push.md.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CertificateAuthority } from '../integration/support/certificates.mjs';
import { temporaryFolder } from '../integration/support/program.mjs';
import { Browser } from './browser.mjs';
import { ended, finished, push, signInAdmin, startPusher, subscribe, titled } from './pusher.mjs';
import { PushService, startOddServer } from './service.mjs';

const folder = temporaryFolder({ after });
const ca = join(folder, 'ca.pem');
const tls = new CertificateAuthority(folder).issue();
const stranger = new CertificateAuthority(temporaryFolder({ after })).issue();

const timeoutMs = 10_000; // for each attempt, its way to the service included
const target = await PushService.start(tls); // of redirects
after(() => target.close());
const soon = new Date(Date.now() + 4_000).toUTCString(); // in whole seconds

// What the service does about one message, in order, and what the author is told in the end. It sends as many times as
// there are answers; the second comes `gapMs` or more after the first, and not before `notBefore`. `config`: of the
// notification.
const answered = [
  ['201', ['/status/201'], 'delivered'],
  ['400', ['/status/400'], 'refused'],
  ['403', ['/status/403'], 'refused'],
  ['404', ['/status/404'], 'gone'],
  ['410', ['/status/410'], 'gone'],
  ['413', ['/status/413'], 'refused'],
  ['a redirect to loopback', [`/redirect/${encodeURIComponent(`${target.origin}/status/201`)}`], 'refused'],
  ['201 and then a byte of its body at a time', ['/trickle'], 'delivered'],
  ['201 and a body without end', ['/large/201'], 'delivered'],
  ['429', ['/status/429', '/status/201'], 'delivered'],
  ['429 with Retry-After in seconds', ['/status/429/1', '/status/201'], 'delivered', { gapMs: 1_000 }],
  [
    '429 with Retry-After as a date',
    [`/status/429/${encodeURIComponent(soon)}`, '/status/201'],
    'delivered',
    { notBefore: Date.parse(soon) },
  ],
  ['429 with Retry-After that nobody can read', ['/status/429/later', '/status/201'], 'delivered'],
  ['429 with Retry-After beyond its life', ['/status/429/7200'], 'expired', { config: { ttl: 3_600 } }],
  ['500', ['/status/500', '/status/201'], 'delivered'],
  ['502', ['/status/502', '/status/201'], 'delivered'],
  ['503', ['/status/503', '/status/201'], 'delivered'],
  ['503 with Retry-After', ['/status/503/1', '/status/201'], 'delivered', { gapMs: 1_000 }],
  ['503 for something that is of use now only', ['/status/503'], 'expired', { config: { ttl: 0 } }],
  ['503 again and again, and 410', ['/status/503', '/status/503', '/status/503', '/status/410'], 'gone'],
  ['no answer in time', ['/silent', '/status/201'], 'delivered', { gapMs: timeoutMs / 2 }],
  ['a reset', ['/reset', '/status/201'], 'delivered'],
  ['headers without end', ['/many-headers', '/status/201'], 'delivered'],
];

// What stands in front of a service and does this to the first connection.
const spellOut = (socket) => {
  socket.write('HTTP/1.1 201 Created\r\nx: ');
  const timer = setInterval(() => socket.write('y'), 20);
  socket.on('close', () => clearInterval(timer));
};
const spoiled = [
  ['garbage instead of HTTP', (socket) => socket.end('220 mail.example ESMTP\r\n')],
  ['headers a byte at a time', spellOut],
  ['a connection that is cut before any answer', (socket) => socket.destroy()],
  ['half an answer', (socket) => socket.once('data', () => socket.end('HTTP/1.1 201 Cre'))],
];

const ends = [];
const later = { after: (end) => ends.push(end) };
after(async () => {
  for (const end of ends.reverse()) await end();
});

// Every row has a service of its own, and the browser of somebody at it.
const rows = [];
function addRow(name, service, answers, outcome, more = {}) {
  later.after(() => service.close());
  const browser = new Browser(service, { answers, origin: more.origin });
  const { host } = service;
  rows.push({ name, service, browser, host, outcome, sends: answers.length, user: randomUUID(), ...more });
}
for (const http2 of [true, false]) {
  for (const [name, answers, outcome, more] of answered) {
    addRow(`${name} (HTTP/${http2 ? 2 : 1.1})`, await PushService.start(tls, { http2 }), answers, outcome, more);
  }
}
for (const [name, spoil, more] of spoiled) {
  const service = await PushService.start(tls, { http2: false });
  let isFirst = true;
  const front = await startOddServer(tls, (socket) => {
    if (!isFirst) return service.adopt(socket);
    isFirst = false;
    return spoil(socket);
  });
  later.after(() => front.close());
  addRow(name, service, ['/status/201'], 'delivered', { ...front, ...more });
}
const impostor = await PushService.start(stranger);
addRow('a certificate that nobody vouches for', impostor, ['/status/201'], 'delivered');

const services = [...rows, target];
const server = await startPusher(later, { ca, services, settings: { 'push.transfer_timeout_ms': timeoutMs } });
const admin = await signInAdmin(server, randomUUID());
const text = randomBytes(16).toString('hex'); // of every notification

describe('what comes of a delivery that meets', { concurrency: 12 }, () => {
  for (const { name, service, browser, outcome, gapMs, notBefore, config, sends, user } of rows) {
    test(name, async () => {
      await subscribe(await server.signIn(user), browser);
      const id = await push(admin, titled(text, { config }), [user]);
      if (service === impostor) {
        await service.until(() => service.handshakesFailed > 0 || undefined, 'a refusal of the certificate');
        assert.equal(service.requests.length, 0);
        service.present(tls);
      }
      assert.deepEqual(await finished(admin, id), ended({ [outcome]: 1 }));
      const { received } = browser;
      assert.equal(received.length, sends);
      for (const { notification } of received) assert.deepEqual(notification, titled(text));
      if (gapMs) assert.ok(received[1].at - received[0].at >= gapMs);
      if (notBefore) assert.ok(performance.timeOrigin + received[1].at >= notBefore);
      // The other side of "nothing lost": what was given up keeps nobody from the next one.
      const again = await push(admin, titled(text, { config: { ttl: 0 } }), [user]);
      const { reached } = await finished(admin, again);
      assert.equal(reached, outcome === 'gone' ? 0 : 1);
    });
  }
});

test('nothing is sent twice, to where a redirect leads, or after its end', async () => {
  await server.stop();
  for (const { name, browser, outcome, sends } of rows) {
    assert.equal(browser.received.length, sends + (outcome === 'gone' ? 0 : 1), name);
  }
  assert.equal(target.connections, 0);
});

test('the log says what failed, without an endpoint, a key, a token or a text', () => {
  const log = server.log.join('\n');
  for (const { host, outcome } of rows) {
    const line = { refused: `a notification to https://${host} was refused`, expired: `attempt 1 at https://${host} failed` };
    if (line[outcome]) assert.match(log, new RegExp(`${line[outcome]}: status \\d+`));
  }
  const unreachable = (service) => server.log.filter((line) => /warning.* push: /.test(line) && line.includes(`push: https://${service.host} `));
  const [distrusted, ...more] = unreachable(impostor);
  assert.match(distrusted, /could not be trusted: TLS failed; its notifications wait and are tried again \(0 more/);
  assert.deepEqual(more, []); // once a minute
  const keys = readdirSync(join(server.data, 'keys')).flatMap((file) =>
    readFileSync(join(server.data, 'keys', file), 'utf8').split(/\s+/).filter((word) => word.length >= 16),
  );
  assert.ok(keys.length >= 2);
  const authorizations = rows.flatMap(({ service }) => service.requests.map(({ headers }) => headers.authorization));
  const tokens = authorizations.flatMap((text) => text.split(/[ ,.=]/).filter((word) => word.length >= 16));
  assert.ok(tokens.length > 0);
  const secrets = [text, ...keys, ...tokens, ...rows.flatMap(({ browser }) => browser.secrets)];
  for (const secret of secrets) assert.ok(!log.includes(secret), `the log has "${secret}"`);
});
