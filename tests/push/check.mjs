#!/usr/bin/env node
// Reads what pipit_push_vectors has written with implementations that are not ours: the payloads as a browser
// would, with http_ece, and the tokens as a push service would, with jose.
// usage: check.mjs PUSH_VECTORS [COUNT [SEED]]
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createECDH, randomInt } from 'node:crypto';
import ece from 'http_ece';
import { importJWK, jwtVerify } from 'jose';

const [program, count = '1000', seed = String(randomInt(2 ** 40))] = process.argv.slice(2);
if (!program) {
  console.error('usage: check.mjs PUSH_VECTORS [COUNT [SEED]]');
  process.exit(2);
}

const bytes = (text) => Buffer.from(text, 'base64url');

function decrypt(message, body) {
  const browser = createECDH('prime256v1');
  browser.setPrivateKey(bytes(message.private_key));
  return ece.decrypt(body, { version: 'aes128gcm', privateKey: browser, authSecret: message.auth });
}

async function verify(message, token) {
  const point = bytes(message.vapid_key);
  assert.equal(point.length, 65);
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  const key = await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256');
  const twelveHoursBefore = new Date((message.expires_at - 12 * 3600) * 1000);
  const options = { algorithms: ['ES256'], typ: 'JWT', audience: message.audience, currentDate: twelveHoursBefore };
  return (await jwtVerify(token, key, options)).payload;
}

/** The same with one bit changed. */
function damaged(buffer, at) {
  const copy = Buffer.from(buffer);
  copy[at] ^= 1;
  return copy;
}

async function check(message) {
  const body = bytes(message.body);
  assert.equal(decrypt(message, body).toString('base64url'), message.payload);
  assert.throws(() => decrypt(message, damaged(body, body.length - 1)));

  const { aud, exp, sub, ...others } = await verify(message, message.token);
  assert.deepEqual({ aud, exp, sub }, { aud: message.audience, exp: message.expires_at, sub: message.subject });
  assert.deepEqual(others, {});
  const [header, claims, signature] = message.token.split('.');
  const forged = damaged(bytes(signature), 40).toString('base64url');
  await assert.rejects(verify(message, `${header}.${claims}.${forged}`));
}

const output = execFileSync(program, ['--count', count, '--seed', seed], { maxBuffer: 2 ** 30, encoding: 'utf8' });
const messages = output.trimEnd().split('\n').map((line) => JSON.parse(line));
assert.equal(messages.length, Number(count));
for (const [index, message] of messages.entries()) {
  await check(message).catch((error) => {
    console.error(`message ${index} of seed ${seed}`);
    throw error;
  });
}
console.log(`push: http_ece decrypted ${count} payloads and jose verified ${count} tokens (seed ${seed})`);
