// Development mode: tokens for the asking, for this machine only, and the playground.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startServer } from './support/server.mjs';
import { ann } from './support/users.mjs';

const server = await startServer({ after }, { flags: ['--dev'] });

test('a page that lets its own name point to this machine gets no token', async () => {
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8080', '[::2]:80', '']) {
    const { status, body } = await server.fetch(`/dev/token?user=${ann}`, { headers: { Host: host } });
    assert.equal(status, 403, host);
    assert.ok(!body.includes('"token"'));
  }
});

test('a wrong user or role is refused with what is allowed', async () => {
  for (const query of ['', '?user=', '?user=%00', `?user=${'x'.repeat(256)}`, `?user=${ann}&role=king`, `?user=${ann}&groups=${'x'.repeat(256)}`, `?user=${ann}&groups=%FF`]) {
    const { status, headers, body } = await server.fetch(`/dev/token${query}`);
    assert.equal(status, 400, query);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(JSON.parse(body).code, 'INVALID_PARAMETER');
  }
});

test('pages of other origins, and files, get no token', async () => {
  for (const Origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'http://localhost@evil.example']) {
    const { status, headers, body } = await server.fetch(`/dev/token?user=${ann}`, { headers: { Origin } });
    assert.equal(status, 403, Origin);
    assert.equal(headers['access-control-allow-origin'], undefined);
    assert.ok(!body.includes('"token"'));
  }
});

test('whom a proxy passes on gets no token', async () => {
  for (const name of ['Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Real-IP', 'Via']) {
    const { status, body } = await server.fetch(`/dev/token?user=${ann}`, { headers: { [name]: '1.1 proxy' } });
    assert.equal(status, 403, name);
    assert.ok(!body.includes('"token"'));
  }
});

test('a page from another port of this machine may read a token, and why it gets none', async () => {
  for (const Origin of ['http://localhost:3000', 'http://127.0.0.1:5173', 'http://[::1]:80']) {
    for (const [query, expected] of [[`?user=${ann}`, 200], ['', 400]]) {
      const { status, headers } = await server.fetch(`/dev/token${query}`, { headers: { Origin } });
      assert.equal(status, expected, Origin);
      assert.equal(headers['access-control-allow-origin'], Origin);
      assert.equal(headers.vary, 'Origin');
      assert.equal(headers['cache-control'], 'no-store');
    }
  }
  const { headers } = await server.fetch(`/dev/token?user=${ann}`);
  assert.equal(headers['access-control-allow-origin'], undefined);
});

test('a token for the asking is for the first audience that the server demands', async (t) => {
  const demanding = await startServer(t, { flags: ['--dev'], settings: { 'auth.audiences': 'chat,shop' } });
  const { body } = await demanding.fetch(`/dev/token?user=${ann}`);
  assert.equal((await demanding.signIn(ann, { token: JSON.parse(body).token })).welcome.user, ann);
});

test('a token for the asking signs in, by any name of this machine', async () => {
  for (const host of ['localhost', `127.0.0.1:${server.port}`, '[::1]:8080', 'localhost:1']) {
    const { status, body } = await server.fetch(`/dev/token?user=${ann}`, { headers: { Host: host } });
    assert.equal(status, 200, host);
    assert.match(JSON.parse(body).warning, /development only/);
    assert.equal((await server.signIn(ann, { token: JSON.parse(body).token })).welcome.user, ann);
  }
});

test('a token for the asking opens the groups that it is asked for, or all', async () => {
  for (const [query, opens] of [['', true], ['&groups=room-*', false]]) {
    const { body } = await server.fetch(`/dev/token?user=${ann}${query}`);
    const client = await server.signIn(ann, { token: JSON.parse(body).token });
    assert.ok((await client.request({ op: 'join', group: 'room-1' })).ok);
    assert.equal((await client.request({ op: 'join', group: 'den' })).ok !== undefined, opens, query);
  }
});

test('the playground is served with a policy that lets nothing else in', async () => {
  const page = await server.fetch('/');
  assert.equal(page.status, 200);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.match(page.headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/);
  const types = {
    '/playground.css': 'text/css',
    '/playground.js': 'text/javascript',
    '/favicon.svg': 'image/svg+xml',
    '/playground/icon.png': 'image/png',
  };
  for (const [path, type] of Object.entries(types)) {
    const { status, headers } = await server.fetch(path);
    assert.equal(status, 200, path);
    assert.ok(headers['content-type'].startsWith(type), path);
  }
});

test('development mode is said loudly', async () => {
  await server.logged(/warning.*anyone on this machine can sign in as anyone/);
});

test('the log says what to open, an address that there is, and warns of nothing that only strangers need', async (t) => {
  const everywhere = await startServer(t, { flags: ['--dev'], listen: '0.0.0.0:0' });
  await everywhere.logged(new RegExp(`open http://127\\.0\\.0\\.1:${everywhere.port}/ for the playground`));
  await everywhere.logged(/info.*push\.subject is not set/);
  const strict = await startServer(t);
  await strict.logged(/warning.*push\.subject is not set/);
});
