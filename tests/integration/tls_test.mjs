// TLS of the server's own, and certificates that are replaced while it runs.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Pipit } from '../../clients/js/dist/node.mjs';
import { CertificateAuthority } from './support/certificates.mjs';
import { run, temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { ann, bob } from './support/users.mjs';

const authority = new CertificateAuthority(temporaryFolder({ after }));
const tls = { ca: authority.certificate };
const serialOf = (client) => Number.parseInt(client.certificate.serialNumber, 16);

// A server with a certificate; `install` puts another one in its place.
async function startTlsServer(t) {
  const folder = temporaryFolder(t);
  const files = { 'tls.certificate_file': join(folder, 'server.pem'), 'tls.key_file': join(folder, 'server.key') };
  const install = ({ certificate, key }) => {
    writeFileSync(files['tls.certificate_file'], certificate);
    writeFileSync(files['tls.key_file'], key);
  };
  const first = authority.issue();
  install(first);
  return { server: await startServer(t, { settings: files }), install, first };
}

for (const [name, certificate, key, complaint] of [
  ['a certificate that is none', 'nonsense', (good) => good.key, /tls\.certificate_file ".*" cannot be used/],
  [
    'a key of another certificate',
    (good) => good.certificate,
    () => authority.issue().key,
    /tls\.key_file ".*" cannot be used: .*mismatch/,
  ],
]) {
  test(`a server does not start with ${name}`, async (t) => {
    const folder = temporaryFolder(t);
    const good = authority.issue();
    const write = (file, content) =>
      writeFileSync(join(folder, file), typeof content === 'string' ? content : content(good));
    write('server.pem', certificate);
    write('server.key', key);
    const { code, out } = await run([
      'serve',
      '--listen',
      '127.0.0.1:0',
      '--data',
      folder,
      '--set',
      `tls.certificate_file=${join(folder, 'server.pem')}`,
      '--set',
      `tls.key_file=${join(folder, 'server.key')}`,
    ]);
    assert.equal(code, 1);
    assert.match(out, complaint);
  });
}

test('who speaks plain HTTP, old TLS or trusts somebody else gets nothing, and the server goes on', async (t) => {
  const { server } = await startTlsServer(t);
  const plain = await server.http();
  plain.request('GET', '/healthz', { Host: 'localhost' });
  assert.ok(!(await plain.ended()).includes('200'));
  await assert.rejects(server.http({ ...tls, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }));
  await assert.rejects(server.http({}), { code: /SELF_SIGNED|UNABLE_TO/ });
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const peer = await server.http({ ...tls, minVersion: version, maxVersion: version });
    peer.request('GET', '/healthz', { Host: 'localhost' });
    assert.equal((await peer.response()).body, 'ok\n');
  }
});

test('large messages pass both ways over TLS', async (t) => {
  const { server } = await startTlsServer(t);
  const [sender, receiver] = [await server.member(ann, 'big', { tls }), await server.member(bob, 'big', { tls })];
  assert.equal((await sender.event()).code, 'USER_JOINED');
  const data = 'x'.repeat(60_000);
  const replies = Promise.all(Array.from({ length: 20 }, () => sender.post('big', JSON.stringify(data))));
  for (let i = 0; i < 20; ++i) assert.equal((await receiver.event()).data.length, data.length);
  assert.ok((await replies).every(({ ok }) => ok));
  assert.equal((await receiver.close()).code, 1000);
});

test('SIGHUP takes a new certificate for new connections; those that are open stay', async (t) => {
  const { server, install, first } = await startTlsServer(t);
  const old = await server.signIn(ann, { tls });
  assert.equal(serialOf(old), first.serial);
  const second = authority.issue();
  install(second);
  server.signal('SIGHUP');
  await server.logged(/certificate was read again/);
  assert.equal(serialOf(await server.signIn(ann, { tls })), second.serial);
  assert.ok((await old.request({ op: 'leave' })).ok);
});

test('a new certificate that is broken is named in the log, and the old one stays', async (t) => {
  const { server, install, first } = await startTlsServer(t);
  install({ certificate: first.certificate, key: authority.issue().key });
  server.signal('SIGHUP');
  await server.logged(/error the certificate stays as it is: tls\.key_file/);
  assert.equal(serialOf(await server.signIn(ann, { tls })), first.serial);
});

test('the SDK talks over wss with a certificate authority of its own', async (t) => {
  const { server } = await startTlsServer(t);
  const pipit = new Pipit({
    url: `https://localhost:${server.port}`,
    token: server.token(ann),
    ca: authority.certificate,
  });
  t.after(() => pipit.closeRealtime());
  const received = new Promise((resolve) => {
    pipit
      .connectRealtime((rt) => rt.type === 'message' && resolve(rt.message))
      .then(async () => {
        await pipit.joinRealtime({ group: 'tea' });
        await pipit.postRealtime({ text: 'hello' }, 'tea');
      });
  });
  assert.deepEqual(await received, { text: 'hello' });
});
