// Tokens as application backends and identity providers make them (RFC 7515, RFC 7519).
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';

const encodePart = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export function signHs256(secret, claims) {
  const input = `${encodePart({ alg: 'HS256', typ: 'JWT' })}.${encodePart(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const kinds = {
  RS256: { type: 'rsa', options: { modulusLength: 2048 }, hash: 'sha256' },
  ES256: { type: 'ec', options: { namedCurve: 'P-256' }, hash: 'sha256' },
  EdDSA: { type: 'ed25519', options: {}, hash: null },
};

// A key of an identity provider: `jwk` is what it publishes, `sign` makes a token.
export class SigningKey {
  #alg;
  #kid;
  #privateKey;

  constructor(alg, kid) {
    const { privateKey, publicKey } = generateKeyPairSync(kinds[alg].type, kinds[alg].options);
    this.#alg = alg;
    this.#kid = kid;
    this.#privateKey = privateKey;
    this.jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  }

  sign(claims) {
    const input = `${encodePart({ alg: this.#alg, kid: this.#kid })}.${encodePart(claims)}`;
    const key = { key: this.#privateKey, dsaEncoding: 'ieee-p1363' };
    return `${input}.${sign(kinds[this.#alg].hash, Buffer.from(input), key).toString('base64url')}`;
  }
}

export const keySet = (...keys) => JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });

export const inSeconds = (seconds) => Math.floor(Date.now() / 1000) + seconds;
