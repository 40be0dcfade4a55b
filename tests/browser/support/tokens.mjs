// Tokens as an application's own backend signs them (JWT, HS256).
import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';

const LIFETIME_S = 3600;
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// A new secret, kept in `file` for the server. Returns what signs with it: (user, claims) => token.
export function makeSigner(file) {
  const secret = randomBytes(32);
  writeFileSync(file, `${secret.toString('base64url')}\n`);
  chmodSync(file, 0o600);
  return (user, claims = {}) => {
    const payload = { ...claims, iss: 'pipit', sub: user, exp: Math.floor(Date.now() / 1000) + LIFETIME_S };
    const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  };
}
