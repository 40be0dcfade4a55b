import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { FrameReader } from './frames.js';
import type { Frame } from './frames.js';
import { acceptOf, refusal } from './handshake.js';
import { NodeWebSocket } from './socket.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const text = (payload: string) => Buffer.concat([Buffer.from([0x81, Buffer.byteLength(payload)]), Buffer.from(payload)]);

/** The head of a good answer; `changes` replace its lines by name, an empty one takes it out. */
function answer(request: IncomingMessage, changes: Record<string, string> = {}): string {
  const headers = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptOf(String(request.headers['sec-websocket-key'])),
    'Sec-WebSocket-Protocol': 'pipit.v1',
    ...changes,
  };
  const lines = Object.entries(headers).filter(([, value]) => value !== '');
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** The frames that a client has sent, unmasked. */
async function* framesFrom(stream: Duplex): AsyncGenerator<Frame> {
  const reader = new FrameReader(1_000);
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    // Each write of the client is one short frame, and the tests let them arrive one by one.
    const length = bytes[1]! & 0x7f;
    const mask = bytes.subarray(2, 6);
    const payload = bytes.subarray(6, 6 + length).map((byte, i) => byte ^ mask[i & 3]!);
    yield* reader.feed(Buffer.concat([Buffer.from([bytes[0]!, length]), payload]));
  }
}

type Serve = (stream: Duplex, request: IncomingMessage) => void;

/** Listens, runs `talk` with the address, and leaves nothing behind. */
async function withServer(serve: Serve, talk: (url: string) => Promise<void>, server: Server = createServer(), scheme = 'ws') {
  const streams = new Set<Duplex>();
  server.on('upgrade', (request, stream) => {
    streams.add(stream);
    stream.on('error', () => {});
    serve(stream, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await talk(`${scheme}://localhost:${(server.address() as AddressInfo).port}/v1/realtime?a=1`);
  } finally {
    for (const stream of streams) stream.destroy();
    server.close();
  }
}

interface Closed {
  code: number;
  reason: string;
  wasClean: boolean;
}

const closed = (socket: NodeWebSocket) =>
  new Promise<Closed>((resolve) => (socket.onclose = ({ code, reason, wasClean }) => resolve({ code, reason, wasClean })));
const message = (socket: NodeWebSocket) => new Promise<string>((resolve) => (socket.onmessage = ({ data }) => resolve(data)));
const opened = (socket: NodeWebSocket) => new Promise<void>((resolve) => (socket.onopen = () => resolve()));

const ABNORMAL = { code: 1006, reason: '', wasClean: false };

test('the answer must be one to our question', () => {
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  assert.equal(acceptOf(key), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  const good = { upgrade: 'WebSocket', 'sec-websocket-accept': acceptOf(key), 'sec-websocket-protocol': 'pipit.v1' };
  assert.equal(refusal(good, key, ['pipit.v1']), undefined);
  assert.match(refusal({ ...good, upgrade: 'h2c' }, key, ['pipit.v1'])!, /Upgrade/);
  assert.match(refusal({ ...good, 'sec-websocket-accept': 'x' }, key, ['pipit.v1'])!, /Accept/);
  assert.match(refusal({ ...good, 'sec-websocket-extensions': 'permessage-deflate' }, key, ['pipit.v1'])!, /extension/);
  for (const offer of [['other'], []]) assert.match(refusal(good, key, offer)!, /subprotocol/);
});

for (const [name, serve] of Object.entries<Serve>({
  'answers 403': (stream) => stream.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
  'answers wrongly': (stream, request) => stream.write(answer(request, { 'Sec-WebSocket-Accept': 'x' })),
  'selects no subprotocol': (stream, request) => stream.write(answer(request, { 'Sec-WebSocket-Protocol': '' })),
  'hangs up': (stream) => stream.destroy(),
})) {
  test(`a server that ${name} ends the socket with an error and 1006`, () =>
    withServer(serve, async (url) => {
      const socket = new NodeWebSocket(url, ['pipit.v1']);
      let errors = 0;
      socket.onerror = () => void (errors += 1);
      assert.deepEqual(await closed(socket), ABNORMAL);
      assert.equal(errors, 1);
      assert.equal(socket.readyState, NodeWebSocket.CLOSED);
    }));
}

for (const [name, frames, code] of [
  ['a binary message', '82 01 00', 1003],
  ['text that is not UTF-8', '81 01 ff', 1007],
  ['a continuation of nothing', '80 00', 1002],
  ['a message within a message', '01 01 61 81 01 62', 1002],
  ['a close frame with half a code', '88 01 03', 1002],
  ['a masked frame', '81 81 00000000 61', 1002],
] as const) {
  test(`${name} closes with ${code}`, () =>
    withServer(
      (stream, request) => stream.write(Buffer.concat([Buffer.from(answer(request)), hex(frames)])),
      async (url) => assert.equal((await closed(new NodeWebSocket(url, ['pipit.v1']))).code, code),
    ));
}

test('a connection that breaks is closed with 1006', () =>
  withServer(
    (stream, request) => stream.write(answer(request), () => stream.destroy()),
    async (url) => assert.deepEqual(await closed(new NodeWebSocket(url, ['pipit.v1'])), ABNORMAL),
  ));

test('closing before it is open closes with 1006, after the caller has had its turn', () =>
  withServer(
    () => {},
    async (url) => {
      const socket = new NodeWebSocket(url, ['pipit.v1']);
      assert.throws(() => socket.send('early'), /not open/);
      socket.close(1000);
      assert.deepEqual(await closed(socket), ABNORMAL);
    },
  ));

test("the server's close code and reason are told, and its frame is answered", () => {
  let answered: Promise<IteratorResult<Frame>> | undefined;
  return withServer(
    (stream, request) => {
      answered = framesFrom(stream).next();
      stream.write(Buffer.concat([Buffer.from(answer(request)), hex('88 05 1194'), Buffer.from('bye')]));
    },
    async (url) => {
      assert.deepEqual(await closed(new NodeWebSocket(url, ['pipit.v1'])), { code: 4500, reason: 'bye', wasClean: true });
      assert.deepEqual((await answered)?.value, { fin: true, opcode: 8, payload: hex('1194') });
    },
  );
});

test('closing sends the code, waits for the answer, and hears no message any more', () =>
  withServer(
    async (stream, request) => {
      stream.write(answer(request));
      const { value } = await framesFrom(stream).next();
      assert.deepEqual(value, { fin: true, opcode: 8, payload: Buffer.concat([hex('03e8'), Buffer.from('done')]) });
      stream.end(Buffer.concat([text('late'), hex('88 02 03e8')]));
    },
    async (url) => {
      const socket = new NodeWebSocket(url, ['pipit.v1']);
      socket.onmessage = () => assert.fail('a message after closing');
      await opened(socket);
      socket.close(1000, 'done');
      assert.equal(socket.readyState, NodeWebSocket.CLOSING);
      assert.deepEqual(await closed(socket), { code: 1000, reason: '', wasClean: true });
    },
  ));

test('it asks as RFC 6455 wants it, and takes what comes right behind the answer', () =>
  withServer(
    (stream, request) => {
      assert.equal(request.url, '/v1/realtime?a=1');
      assert.equal(request.headers['sec-websocket-version'], '13');
      assert.equal(request.headers['sec-websocket-protocol'], 'pipit.v1, other');
      assert.equal(Buffer.from(String(request.headers['sec-websocket-key']), 'base64').length, 16);
      stream.write(Buffer.concat([Buffer.from(answer(request)), text('early 🐦')]));
    },
    async (url) => {
      const socket = new NodeWebSocket(url, ['pipit.v1', 'other']);
      assert.equal(await message(socket), 'early 🐦');
      assert.equal(socket.protocol, 'pipit.v1');
      assert.equal(socket.readyState, NodeWebSocket.OPEN);
    },
  ));

test('text is sent masked, and a message in pieces with a ping in between is put together', () =>
  withServer(
    async (stream, request) => {
      stream.write(answer(request));
      const frames = framesFrom(stream);
      assert.equal((await frames.next()).value.payload.toString(), 'hello');
      stream.write(hex('01 03 f09f90 89 02 6869 80 01 a6'));
      assert.deepEqual((await frames.next()).value, { fin: true, opcode: 0xa, payload: Buffer.from('hi') });
      stream.write(text('ponged'));
    },
    async (url) => {
      const socket = new NodeWebSocket(url, ['pipit.v1']);
      await opened(socket);
      socket.send('hello');
      assert.equal(await message(socket), '🐦');
      assert.equal(await message(socket), 'ponged');
    },
  ));

test('wss trusts the given certificates, and no others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pipit-tls-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', keyFile, '-out', certFile], { stdio: 'pipe' });
  const [key, cert] = [readFileSync(keyFile), readFileSync(certFile)];
  rmSync(folder, { recursive: true });
  const serve: Serve = (stream, request) => stream.write(Buffer.concat([Buffer.from(answer(request)), text('safe')]));
  const talk = async (url: string) => {
    assert.deepEqual(await closed(new NodeWebSocket(url, ['pipit.v1'])), ABNORMAL);
    assert.equal(await message(new NodeWebSocket(url, ['pipit.v1'], { ca: cert })), 'safe');
  };
  await withServer(serve, talk, createSecureServer({ key, cert }), 'wss');
});
