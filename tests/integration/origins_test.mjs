// Which web pages may connect.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from './support/server.mjs';

const foreign = ['https://evil.example', 'null', 'file://', 'https://chat.example.evil.example', 'evil'];

async function expectRefused(server, origins) {
  for (const Origin of origins) {
    const { status, body } = await server.refusal({ headers: { Origin } });
    assert.equal(status, 403, Origin);
    assert.match(body, /server\.allowed_origins/);
  }
}

async function expectLetIn(server, requests) {
  for (const headers of requests) await server.open({ headers });
}

test('without a list only pages of the host that they connect to are let in, and what is no page', async (t) => {
  const server = await startServer(t);
  const host = `127.0.0.1:${server.port}`;
  await expectRefused(server, [...foreign, 'http://127.0.0.1:1', `http://localhost:${server.port}`]);
  await expectLetIn(server, [{}, { Origin: `http://${host}` }, { Origin: `https://${host}` }]);
  await expectLetIn(server, [{ Host: 'Chat.Example', Origin: 'https://chat.example' }]);
});

test('with a list only its pages are let in, and what is no page', async (t) => {
  const server = await startServer(t, {
    settings: { 'server.allowed_origins': 'https://chat.example,http://other.example:8080' },
  });
  const own = `http://127.0.0.1:${server.port}`;
  await expectRefused(server, [
    ...foreign,
    own,
    'http://chat.example',
    'https://chat.example:444',
    'http://other.example',
  ]);
  await expectLetIn(server, [{}, { Origin: 'https://chat.example' }, { Origin: 'http://other.example:8080' }]);
});

test('"*" lets every page in', async (t) => {
  const server = await startServer(t, { settings: { 'server.allowed_origins': '*' } });
  await expectLetIn(
    server,
    foreign.map((Origin) => ({ Origin })),
  );
});

test('development mode lets pages of this machine in, from every port, and no others', async (t) => {
  const server = await startServer(t, { flags: ['--dev'] });
  await expectRefused(server, [...foreign, 'http://localhost.evil.example', 'http://127.0.0.1.evil.example']);
  await expectLetIn(server, [
    { Origin: 'http://localhost:5173' },
    { Origin: 'http://127.0.0.1:3000' },
    { Origin: 'http://[::1]:80' },
  ]);
});

test('the log names a page that was refused, and the setting, once', async (t) => {
  const server = await startServer(t);
  const [evil, other, asking] = ['https://evil.example', `https://${'o'.repeat(200)}.example`, 'https://asking.example'];
  const from = server.log.length;
  await expectRefused(server, [evil, evil, evil, other]);
  const { status } = await server.fetch('/v1/groups', { headers: { Origin: asking } });
  assert.equal(status, 403);
  await server.logged(/a page of "https:\/\/asking\.example" was refused/, from);
  const lines = server.log.slice(from).filter((line) => line.includes('was refused'));
  assert.equal(lines.length, 3, lines.join('\n'));
  assert.match(lines[0], /warning.*a page of "https:\/\/evil\.example" was refused: server\.allowed_origins does not let it in/);
  assert.match(lines[1], /a page of "https:\/\/o{92}" was refused/);
});
