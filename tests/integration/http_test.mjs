// Plain HTTP: what is answered, and what a peer that behaves badly gets.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startServer } from './support/server.mjs';

const server = await startServer(
  { after },
  {
    settings: { 'limits.handshake_timeout_ms': 3_000, 'limits.http_header_bytes_max': 8192 },
  },
);

for (const [name, bytes, status] of [
  ['what is not HTTP', 'EHLO example.org\r\n\r\n', 400],
  ['binary garbage', Buffer.from([0x16, 0x03, 0x01, 0x00, 0xa5, 0x01, 0x0d, 0x0a, 0x0d, 0x0a]), 400],
  ['a request without Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
  ['a request with two hosts', 'GET /healthz HTTP/1.1\r\nHost: localhost:80\r\nHost: evil.example\r\n\r\n', 400],
  ['a header line without a colon', 'GET /healthz HTTP/1.1\r\nHost localhost\r\n\r\n', 400],
  [
    'a body of two lengths',
    'GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    400,
  ],
  ['a header that is too large', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(9000)}\r\n\r\n`, 431],
  ['a header that is too large and never ends', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, 431],
  ['a body that is too large', `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n`, 413],
]) {
  test(`${name} is answered with ${status} and closed`, async () => {
    const peer = await server.http();
    peer.write(bytes);
    const response = await peer.response();
    assert.equal(response.status, status);
    assert.equal(response.headers.connection, 'close');
    assert.equal(await peer.ended(), '');
  });
}

test('a peer that sends its request too slowly is disconnected', async () => {
  const peer = await server.http();
  const drip = setInterval(() => peer.write('x'), 50);
  peer.write('GET /healthz HTTP/1.1\r\nX: ');
  try {
    assert.equal(await peer.ended(), '');
  } finally {
    clearInterval(drip);
  }
});

test('a peer that sends nothing is disconnected, and so is one that stays silent after an answer', async () => {
  const silent = await server.http();
  const polite = await server.http();
  polite.request('GET', '/healthz', { Host: 'localhost' });
  assert.equal((await polite.response()).status, 200);
  assert.equal(await silent.ended(), '');
  assert.equal(await polite.ended(), '');
});

test('a method other than GET and HEAD gets 405 with what is allowed', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
    const { status, headers } = await server.fetch('/healthz', { method });
    assert.equal(status, 405, method);
    assert.equal(headers.allow, 'GET, HEAD');
  }
});

test('an unknown path gets 404, and so does what only development mode has', async () => {
  for (const path of [
    '/nothing',
    '/',
    '/playground.html',
    '/dev/token?user=ann',
    '/healthz/',
    '/../pipit.js',
    '//pipit.js',
  ]) {
    assert.equal((await server.fetch(path)).status, 404, path);
  }
});

test('/healthz says ok and is not to be cached', async () => {
  const { status, headers, body } = await server.fetch('/healthz');
  assert.equal(status, 200);
  assert.equal(body, 'ok\n');
  assert.equal(headers['cache-control'], 'no-store');
});

test('the SDK is served as script to pages of every origin', async () => {
  for (const path of ['/pipit.js', '/pipit.mjs', '/pipit-calls.mjs', '/pipit-lists.mjs', '/pipit-push.mjs', '/pipit-sw.js']) {
    const { status, headers, body } = await server.fetch(path);
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.ok(body.length > 1000);
  }
});

test('HEAD is answered like GET, without the body', async () => {
  for (const path of ['/healthz', '/pipit.js', '/nothing', '/v1/realtime']) {
    const get = await server.fetch(path);
    const peer = await server.http();
    peer.request('HEAD', path, { Host: 'localhost', Connection: 'close' });
    const head = await peer.response({ head: true });
    assert.equal(head.status, path === '/v1/realtime' ? 400 : get.status);
    if (head.status === get.status) assert.equal(head.headers['content-length'], get.headers['content-length']);
    assert.equal(await peer.ended(), '', path);
  }
});

test('requests on one connection are answered in their order, also when they come at once', async () => {
  const peer = await server.http();
  const get = (path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  peer.write(get('/healthz'));
  assert.equal((await peer.response()).status, 200);
  peer.write(get('/pipit.js') + get('/nothing') + get('/healthz') + get('/pipit.mjs'));
  const statuses = [];
  for (let i = 0; i < 4; ++i) statuses.push((await peer.response()).status);
  assert.deepEqual(statuses, [200, 404, 200, 200]);
  peer.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  assert.equal((await peer.response()).headers.connection, 'close');
  assert.equal(await peer.ended(), '');
});

test('who goes on sending after a refusal does not keep others from being answered', async () => {
  const peer = await server.http();
  peer.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n');
  const flood = setInterval(() => peer.write(Buffer.alloc(1 << 20)), 1);
  try {
    assert.equal((await peer.response()).status, 413);
    for (let i = 0; i < 20; ++i) assert.equal((await server.fetch('/healthz')).status, 200);
  } finally {
    clearInterval(flood);
  }
});

test('a request that comes byte by byte is understood', async () => {
  const peer = await server.http();
  for (const byte of 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n') peer.write(byte);
  assert.equal((await peer.response()).body, 'ok\n');
});
