// Tokens of identity providers: keys from a file, keys from a URL, and keys that change.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { deadlineMs } from './support/deadline.mjs';
import { run, temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { SigningKey, inSeconds, keySet } from './support/tokens.mjs';
import { ann } from './support/users.mjs';

const issuer = 'https://id.example';
const claims = (extra = {}) => ({ iss: issuer, aud: 'pipit', sub: ann, exp: inSeconds(60), ...extra });

// An identity provider that publishes `document`, and counts who asks for it.
async function startProvider(t, document) {
  const provider = { document, status: 200, requests: 0 };
  const http = createServer((request, response) => {
    provider.requests += 1;
    response.writeHead(provider.status).end(provider.document);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => http.close());
  provider.url = `http://127.0.0.1:${http.address().port}/keys`;
  return provider;
}

function configFlags(t, line) {
  const file = join(temporaryFolder(t), 'pipit.toml');
  writeFileSync(file, `[[auth.issuers]]\nissuer = "${issuer}"\naudiences = ["pipit", "chat"]\n${line}\n`);
  return ['--config', file];
}

const startWithIssuer = (t, line) => startServer(t, { flags: configFlags(t, line) });

async function signInReason(server, token) {
  const client = await server.open();
  const { ok, error } = await client.request({ op: 'connect', token });
  return ok ? 'ok' : error.reason;
}

const keys = ['RS256', 'ES256', 'EdDSA'].map((alg) => new SigningKey(alg, `key-${alg}`));
const [rsa, ec] = keys;
const keyFile = join(temporaryFolder({ after }), 'keys.json');
writeFileSync(keyFile, keySet(...keys));
const server = await startWithIssuer({ after }, `jwks_file = "${keyFile}"`);

for (const [name, token] of [
  ['another audience', () => ec.sign(claims({ aud: 'shop' }))],
  ['no audience', () => ec.sign(claims({ aud: undefined }))],
  ['another issuer', () => ec.sign(claims({ iss: 'https://id.example/' }))],
  ['our own issuer and their key', () => ec.sign(claims({ iss: 'pipit' }))],
  ['their issuer and our own key', () => server.token(ann, { iss: issuer, aud: 'pipit' })],
  ['a key of the same name', () => new SigningKey('ES256', 'key-ES256').sign(claims())],
]) {
  test(`a token with ${name} is refused`, async () => {
    assert.equal(await signInReason(server, token()), 'token_refused');
  });
}

test('tokens of every algorithm are accepted by the keys of a file', async () => {
  for (const key of keys) assert.equal(await signInReason(server, key.sign(claims())), 'ok');
  assert.equal(await signInReason(server, rsa.sign(claims({ aud: ['shop', 'chat'] }))), 'ok');
});

test('our own tokens are accepted beside those of an issuer', async () => {
  assert.equal(await signInReason(server, server.token(ann)), 'ok');
});

test('SIGHUP reads the file again, and a file that is broken by then leaves the keys as they were', async (t) => {
  const file = join(temporaryFolder(t), 'keys.json');
  const [first, second] = [new SigningKey('ES256', 'first'), new SigningKey('ES256', 'second')];
  writeFileSync(file, keySet(first));
  const reloading = await startWithIssuer(t, `jwks_file = "${file}"`);
  assert.equal(await signInReason(reloading, first.sign(claims())), 'ok');

  writeFileSync(file, '{"keys":');
  const from = reloading.log.length;
  reloading.signal('SIGHUP');
  await reloading.logged(/warning.*id\.example" stay as they were/, from);
  assert.equal(await signInReason(reloading, first.sign(claims())), 'ok');

  writeFileSync(file, keySet(second));
  reloading.signal('SIGHUP');
  // There is no line of the log for what went well: the new key counts when it is accepted.
  await eventually(async () => (await signInReason(reloading, second.sign(claims()))) === 'ok');
  assert.equal(await signInReason(reloading, first.sign(claims())), 'token_refused');
});

test('a server does not start with a key file that it cannot read', async (t) => {
  const flags = configFlags(t, 'jwks_file = "/nowhere/keys.json"');
  const { code, out } = await run(['serve', '--listen', '127.0.0.1:0', '--data', temporaryFolder(t), ...flags]);
  assert.equal(code, 1);
  assert.match(out, /id\.example": \/nowhere\/keys\.json cannot be read/);
});

test('while the keys cannot be had, who comes with an unknown key may come back', async (t) => {
  const provider = await startProvider(t, 'out of order');
  provider.status = 500;
  const waiting = await startWithIssuer(t, `jwks_url = "${provider.url}"`);
  const client = await waiting.open();
  assert.equal((await client.request({ op: 'connect', token: ec.sign(claims()) })).error.reason, 'unavailable');
  assert.equal((await client.closed()).code, 4006);
  await waiting.logged(/warning.*id\.example" stay as they were: .*500/);
});

test('keys come from a URL, and a token with a new key makes the server ask again, but not too often', async (t) => {
  const [old, rotated] = [new SigningKey('EdDSA', 'old'), new SigningKey('EdDSA', 'rotated')];
  const provider = await startProvider(t, keySet(old));
  const fetching = await startWithIssuer(t, `jwks_url = "${provider.url}"`);
  assert.equal(await signInReason(fetching, old.sign(claims())), 'ok');
  assert.equal(provider.requests, 1);

  // Right after a reading nobody can make the server ask again.
  for (let i = 0; i < 20; ++i) assert.equal(await signInReason(fetching, rotated.sign(claims())), 'token_refused');
  assert.equal(provider.requests, 1);

  provider.document = keySet(old, rotated);
  await eventually(async () => (await signInReason(fetching, rotated.sign(claims()))) === 'ok');
  assert.equal(provider.requests, 2);
  assert.equal(await signInReason(fetching, old.sign(claims())), 'ok');
});

// Asks again, at a pace that bothers nobody, until the answer is yes or the deadline is over.
async function eventually(ask) {
  for (const end = Date.now() + deadlineMs; !(await ask()); await pause(100)) {
    assert.ok(Date.now() < end, 'not within the deadline');
  }
}
