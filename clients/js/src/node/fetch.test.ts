import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fetchTrusting } from './fetch.js';

const folder = mkdtempSync(join(tmpdir(), 'pipit-fetch-'));
const [key, certificate] = [join(folder, 'key'), join(folder, 'certificate')];
const seen: (string | undefined)[] = [];
let server: ReturnType<typeof createServer>;
let origin: string;

before(async () => {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1'];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', ...made, ...subject], { stdio: 'ignore' });
  server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
    if (request.url === '/silence') return;
    if (request.method === 'POST') return void request.pipe(response.writeHead(200));
    seen.push(request.headers.authorization);
    response.writeHead(403).end('{"é":1}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

const never = new AbortController().signal;
const asked = (signal: AbortSignal) => ({ method: 'GET', headers: { authorization: 'Bearer T1' }, signal });

test('a server whose certificate is not trusted gets no token', async () => {
  await assert.rejects(fetchTrusting('')(origin, asked(never)), /certificate/);
  assert.deepEqual(seen, []);
});

test('a request that is aborted rejects', async () => {
  const abort = new AbortController();
  const getting = fetchTrusting(readFileSync(certificate))(`${origin}/silence`, asked(abort.signal));
  server.once('request', () => abort.abort());
  await assert.rejects(getting, { name: 'AbortError' });
});

test('a server whose certificate is trusted gets the token, and its answer is given on', async () => {
  const answer = await fetchTrusting(readFileSync(certificate))(origin, asked(never));
  assert.deepEqual(answer, { status: 403, text: '{"é":1}' });
  assert.deepEqual(seen, ['Bearer T1']);
});

test('what is posted arrives', async () => {
  const posted = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"é":"🫖"}', signal: never };
  assert.deepEqual(await fetchTrusting(readFileSync(certificate))(origin, posted), { status: 200, text: posted.body });
});
