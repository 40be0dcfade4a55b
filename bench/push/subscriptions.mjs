// Browsers that may be notified, without the browsers.
import { createECDH, createPublicKey, randomBytes, verify } from 'node:crypto';
import { createRequire } from 'node:module';

const ece = createRequire(new URL('../servers/package.json', import.meta.url))('http_ece');

// As long as those of the large push services, about 190 bytes with their origin.
const endpoint_random_bytes = 105;

/** The number of the subscription that a request with this path is for. */
export const index_of = (path) => Number.parseInt(path.slice('/push/'.length));

/** `count` subscriptions at the push service of `origin`, each with a key of its own: { endpoint, p256dh, auth, ecdh }. */
export function make_subscriptions(origin, count) {
  return Array.from({ length: count }, (_, index) => {
    const ecdh = createECDH('prime256v1');
    return {
      endpoint: `${origin}/push/${index}/${randomBytes(endpoint_random_bytes).toString('base64url')}`,
      p256dh: ecdh.generateKeys('base64url'),
      auth: randomBytes(16).toString('base64url'),
      ecdh,
    };
  });
}

/** What the programs read them from. */
export const as_lines = (subscriptions) =>
  subscriptions.map(({ endpoint, p256dh, auth }) => `${endpoint} ${p256dh} ${auth}\n`).join('');

/** Throws unless the browser of the subscription would read `payload` in this body, and its service would believe the token. */
export function check_message({ ecdh, auth }, { body, authorization }, { payload, origin }) {
  const read = ece.decrypt(Buffer.from(body, 'base64'), { version: 'aes128gcm', privateKey: ecdh, authSecret: auth });
  if (read.toString() !== payload) throw new Error(`a browser would read ${read}`);
  const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(authorization);
  const [header, claims, signature] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  const public_key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const signed = Buffer.from(`${header}.${claims}`);
  const is_genuine = verify('sha256', signed, { key: public_key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  const { aud } = JSON.parse(Buffer.from(claims, 'base64url'));
  if (!is_genuine || aud !== origin) throw new Error(`a push service would not believe ${authorization}`);
}
