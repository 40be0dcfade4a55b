import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipitError } from './errors.js';
import { Pipit } from './pipit.js';
import { FakeServer, ManualClock, settled } from './testing/fakes.js';
import type { PipitOptions, RealtimeCallback, WebSocketMessage } from './types.js';

/** A client, the fake server it talks to, and what its callback got. */
function setUp(options: Partial<PipitOptions> = { token: 'T1' }) {
  const server = new FakeServer();
  const clock = new ManualClock();
  const got: WebSocketMessage[] = [];
  const callback: RealtimeCallback = (message) => void got.push(message);
  const reported: unknown[] = [];
  const around = clock.surroundings({ report: (error) => void reported.push(error) });
  const pipit = new Pipit({ url: 'https://example.org', WebSocket: server.WebSocket, ...options }, around);
  return { server, clock, pipit, got, callback, reported };
}

async function setUpOpen(options?: Partial<PipitOptions>) {
  const all = setUp(options);
  const connecting = all.pipit.connectRealtime(all.callback);
  const socket = await all.server.signIn();
  await connecting;
  return { ...all, socket };
}

const refusal = (code: string, message: string | RegExp) => (error: unknown) => {
  assert.ok(error instanceof PipitError && error instanceof Error);
  assert.equal(error.code, code);
  if (typeof message === 'string') assert.equal(error.message, message);
  else assert.match(error.message, message);
  return true;
};

const { WebSocket: FakeWebSocket } = new FakeServer();
for (const [name, options] of Object.entries({
  'no url outside a page': { token: 'T', WebSocket: FakeWebSocket },
  'a url of another scheme': { token: 'T', WebSocket: FakeWebSocket, url: 'ftp://example.org' },
  'neither token nor getToken': { WebSocket: FakeWebSocket, url: 'https://example.org' },
  'a getToken that is no function': { WebSocket: FakeWebSocket, url: 'https://example.org', getToken: 'T' },
  'an outbox for less than nothing': { token: 'T', WebSocket: FakeWebSocket, url: 'https://example.org', outbox: { posts_max: -1 } },
})) {
  test(`the constructor refuses ${name}`, () => {
    assert.throws(() => new Pipit(options as unknown as PipitOptions, new ManualClock().surroundings()), refusal('INVALID_PARAMETER', /^"/));
  });
}

test('connectRealtime refuses what is no function', async () => {
  const { pipit, server } = setUp();
  await assert.rejects(pipit.connectRealtime(undefined as never), refusal('INVALID_REQUEST', 'Callback must be a function.'));
  assert.equal(server.sockets.length, 0);
});

test('a first connection that fails is refused, and leaves nothing behind', async () => {
  const { pipit, server, clock, got, callback } = setUp();
  const connecting = pipit.connectRealtime(callback);
  server.socket.lose();
  await assert.rejects(connecting, refusal('ERROR', 'Skapi: WebSocket connection error.'));
  assert.deepEqual(got, []);
  assert.equal(clock.timersArmed, 0);
});

test('a WebSocket that cannot even be made fails the first connection', async () => {
  class Impossible {
    constructor() {
      throw new SyntaxError('bad url');
    }
  }
  const logged: string[] = [];
  const { pipit, callback } = setUp({ token: 'T', WebSocket: Impossible as never, onlog: (level, text) => logged.push(`${level} ${text}`) });
  await assert.rejects(pipit.connectRealtime(callback), refusal('ERROR', 'Skapi: WebSocket connection error.'));
  assert.deepEqual(logged, ['warn The WebSocket could not be made: SyntaxError: bad url']);
});

/** A server whose client has a WebSocket of the application's own, which throws in those methods that are broken. */
function breakable() {
  const server = new FakeServer();
  const broken = { methods: [] as string[] };
  class Breakable extends server.WebSocket {
    override send(text: string) {
      if (broken.methods.includes('send')) throw new Error('cannot send');
      super.send(text);
    }
    override close(code?: number) {
      super.close(code);
      if (broken.methods.includes('close')) throw new Error('cannot close');
    }
  }
  return { server, broken, WebSocket: Breakable };
}

test('a WebSocket that throws at sending is given up, and the connection comes back', async () => {
  const { server, broken, WebSocket } = breakable();
  const logged: string[] = [];
  const onlog: PipitOptions['onlog'] = (level, text) => void logged.push(`${level} ${text}`);
  const { pipit, clock, got, callback } = setUp({ token: 'T1', WebSocket, onlog });
  const connecting = pipit.connectRealtime(callback);
  const first = await server.signIn();
  await connecting;
  broken.methods = ['send', 'close'];
  const posting = pipit.postRealtime('hello', { user: 'bob' });
  await settled();
  assert.equal(first.closedWith, 4007);
  assert.deepEqual(logged, ['warn The WebSocket threw: Error: cannot send', 'warn The WebSocket threw: Error: cannot close']);
  broken.methods = [];
  await clock.pass(250);
  const second = await server.signIn();
  second.ok('post');
  assert.deepEqual(await posting, { type: 'success', message: 'Message sent.' });
  assert.deepEqual(got.map(({ type }) => type), ['success', 'reconnect', 'success']);
});

test('a WebSocket that throws at closing leaves a client that can connect again', async () => {
  const { server, broken, WebSocket } = breakable();
  const { pipit, got, callback } = setUp({ token: 'T1', WebSocket });
  for (let i = 1; i <= 2; i += 1) {
    const connecting = pipit.connectRealtime(callback);
    await server.signIn();
    await connecting;
    broken.methods = ['close'];
    await pipit.closeRealtime();
    assert.equal(server.sockets.length, i);
    broken.methods = [];
  }
  assert.deepEqual(got.map(({ type }) => type), ['success', 'close', 'success', 'close']);
});

test('a WebSocket that throws at the sign-in fails the first connection', async () => {
  const { server, broken, WebSocket } = breakable();
  broken.methods = ['send'];
  const { pipit, clock, callback } = setUp({ token: 'T1', WebSocket });
  const connecting = pipit.connectRealtime(callback);
  server.socket.accept();
  await assert.rejects(connecting, refusal('ERROR', 'Skapi: WebSocket connection error.'));
  assert.equal(clock.timersArmed, 0);
});

test('it connects to the endpoint with the subprotocol, and no token in the address', async () => {
  const { server } = await setUpOpen();
  assert.equal(server.socket.url, 'wss://example.org/v1/realtime');
  assert.deepEqual(server.socket.protocols, ['pipit.v1']);
  assert.equal(server.socket.commands[0]!.token, 'T1');
});

test('connecting again gives the same socket and replaces the callback', async () => {
  const { pipit, server, callback, socket, got } = await setUpOpen();
  const second: WebSocketMessage[] = [];
  assert.equal(await pipit.connectRealtime((message) => void second.push(message)), socket);
  assert.equal(await pipit.connectRealtime((message) => void second.push(message)), socket);
  socket.write({ ev: 'private', user: 'bob', cid: 'cid:x', data: 'hello' });
  assert.equal(server.sockets.length, 1);
  assert.deepEqual(got.map(({ type }) => type), ['success']);
  assert.deepEqual(second.map(({ message }) => message), ['hello']);
  assert.equal(await pipit.connectRealtime(callback), socket);
});

test('commands of one turn share a frame, as far as the limit allows', async () => {
  const { pipit, socket } = await setUpOpen();
  const posting = [1, 2, 3].map((n) => pipit.postRealtime(n, 'tea'));
  await settled();
  assert.equal(socket.frames.length, 2);
  assert.deepEqual(socket.commands.slice(1).map(({ data }) => data), [1, 2, 3]);
  posting.push(pipit.postRealtime('x'.repeat(200), 'tea'), pipit.postRealtime('x'.repeat(200), 'tea'));
  await settled();
  assert.equal(socket.frames.length, 4);
  for (const { id, op } of socket.commands) if (op === 'post') socket.write({ id, ok: {} });
  for (const posted of await Promise.all(posting)) assert.deepEqual(posted, { type: 'success', message: 'Message sent.' });
});

test('a post from within the callback is sent', async () => {
  const { pipit, socket } = await setUpOpen();
  let posted: Promise<unknown> | undefined;
  await pipit.connectRealtime(({ type }) => {
    if (type === 'private') posted = pipit.postRealtime('re', { user: 'bob' });
  });
  socket.write({ ev: 'private', user: 'bob', cid: 'cid:x', data: 'hello' });
  await settled();
  socket.ok('post');
  assert.deepEqual(await posted, { type: 'success', message: 'Message sent.' });
});

test('an error thrown by the callback is reported and harms nothing', async () => {
  const { pipit, socket, got, callback, reported } = await setUpOpen();
  const thrown = new Error('of the application');
  await pipit.connectRealtime(() => {
    throw thrown;
  });
  socket.write({ ev: 'private', user: 'bob', cid: 'cid:x', data: 1 });
  assert.deepEqual(reported, [thrown]);
  await pipit.connectRealtime(callback);
  socket.write({ ev: 'private', user: 'bob', cid: 'cid:x', data: 2 });
  assert.deepEqual(got.at(-1)?.message, 2);
});

test('closing leaves the group on the wire before the socket closes', async () => {
  const { pipit, socket, clock, got } = await setUpOpen();
  const joining = pipit.joinRealtime({ group: 'tea' });
  await settled();
  socket.ok('join', { group: 'tea', message: 'Joined realtime message group: "tea".' });
  assert.deepEqual(await joining, { type: 'success', message: 'Joined realtime message group: "tea".' });
  await pipit.closeRealtime();
  assert.equal(socket.commands.at(-1)?.op, 'leave');
  assert.equal(socket.closedWith, 1000);
  assert.equal(pipit.user, null);
  assert.equal(clock.timersArmed, 0);
  assert.deepEqual(got.map(({ type }) => type), ['success', 'close']);
});

test('closing is done when the server has confirmed it, for all who wait, and leaves no timer', async () => {
  const { pipit, socket, clock } = await setUpOpen();
  socket.isSilent = true;
  let done = 0;
  const closing = [pipit.closeRealtime(), pipit.closeRealtime()].map((closed) => closed.then(() => (done += 1)));
  await settled();
  assert.equal(done, 0);
  socket.lose(1000);
  await Promise.all(closing);
  await pipit.closeRealtime();
  assert.equal(clock.timersArmed, 0);
});

test('a server that does not confirm the closing is not waited for longer than 2 s', async () => {
  const { pipit, socket, clock } = await setUpOpen();
  socket.isSilent = true;
  let done = false;
  const closing = pipit.closeRealtime().then(() => (done = true));
  await settled();
  await clock.pass(1_999);
  assert.equal(done, false);
  await clock.pass(1);
  await closing;
  assert.equal(clock.timersArmed, 0);
});

test('closing from within the callback is done when that has been confirmed, too', async () => {
  const { pipit, socket, callback } = await setUpOpen();
  socket.isSilent = true;
  let closing: Promise<void> | undefined;
  let done = false;
  await pipit.connectRealtime((message) => {
    callback(message);
    if (message.type === 'private') closing = pipit.closeRealtime().then(() => void (done = true));
  });
  socket.write({ ev: 'private', user: 'bob', cid: 'cid:x', data: 1 });
  await settled();
  assert.deepEqual([socket.closedWith, done], [1000, false]);
  socket.lose(1000);
  await closing;
});

test('a connection that is lost already is not waited for at closing', async () => {
  const { pipit, socket, clock } = await setUpOpen();
  socket.isSilent = true;
  await clock.pass(33_000);
  assert.equal(socket.closedWith, 4007);
  await pipit.closeRealtime();
  assert.equal(clock.timersArmed, 0);
});

test('nothing that a closed socket still says is heard', async () => {
  const { pipit, socket, got } = await setUpOpen();
  await pipit.closeRealtime();
  socket.write({ ev: 'private', user: 'bob', cid: 'cid:x', data: 1 });
  socket.lose();
  assert.deepEqual(got.map(({ type }) => type), ['success', 'close']);
});

test('closing while connecting refuses who connects', async () => {
  const { pipit, server, callback } = setUp();
  const connecting = pipit.connectRealtime(callback);
  await pipit.closeRealtime();
  await assert.rejects(connecting, refusal('ERROR', 'Skapi: WebSocket connection error.'));
  assert.equal(server.socket.closedWith, 1000);
});

test('closing while a token is fetched voids it', async () => {
  let give: (token: string) => void = () => {};
  const { pipit, server, callback } = setUp({ getToken: () => new Promise((resolve) => (give = resolve)) });
  const connecting = pipit.connectRealtime(callback);
  await pipit.closeRealtime();
  await assert.rejects(connecting);
  give('late');
  await settled();
  assert.equal(server.sockets.length, 0);
});

test('a lost connection comes back by itself and sends again what was not answered', async () => {
  const { pipit, server, clock, socket, got } = await setUpOpen();
  const posting = pipit.postRealtime('hello', { user: 'bob' });
  await settled();
  socket.lose();
  const late = pipit.postRealtime('late', 'tea');
  await clock.pass(250);
  const second = await server.signIn();
  assert.deepEqual(second.commands[1], socket.commands[1]);
  const [, first, then] = second.commands;
  second.write({ id: first!.id, ok: {} }, { id: then!.id, ok: {} });
  await Promise.all([posting, late]);
  assert.deepEqual(got.map(({ type }) => type), ['success', 'reconnect', 'success']);
});

test('a silent connection is replaced', async () => {
  const { server, clock, socket } = await setUpOpen();
  await clock.pass(33_000);
  assert.equal(socket.closedWith, 4007);
  await clock.pass(500);
  assert.equal(server.sockets.length, 2);
});

for (const [name, getToken] of Object.entries({
  throws: () => {
    throw new Error('offline');
  },
  rejects: () => Promise.reject(new Error('offline')),
})) {
  test(`a getToken that ${name} fails the first connection`, async () => {
    const { pipit, callback } = setUp({ getToken });
    await assert.rejects(pipit.connectRealtime(callback), (error) => ((error as Error).cause as Error).message === 'offline');
  });
}

test('a getToken that gives no string fails the first connection', async () => {
  const { pipit, server, callback } = setUp({ getToken: (() => undefined) as never });
  await assert.rejects(pipit.connectRealtime(callback), (error) => /must give a string/.test(String((error as Error).cause)));
  assert.equal(server.sockets.length, 0);
});

test('getToken is asked before the first connection and for the renewal', async () => {
  let tokens = 0;
  const { pipit, server, clock, callback } = setUp({ getToken: () => `T${++tokens}` });
  const connecting = pipit.connectRealtime(callback);
  const socket = await server.signIn(30_000);
  await connecting;
  await clock.pass(20_000);
  assert.deepEqual(socket.commands.map(({ op, token }) => [op, token]), [['connect', 'T1'], ['refresh', 'T2']]);
});

test('messages are typed', async () => {
  interface Chat {
    text: string;
  }
  const { server, clock } = setUp();
  const pipit = new Pipit<Chat>({ url: 'ws://example.org', token: 'T', WebSocket: server.WebSocket }, clock.surroundings());
  const texts: string[] = [];
  const connecting = pipit.connectRealtime((rt) => {
    if (rt.type === 'message') texts.push(rt.message.text);
  });
  const socket = await server.signIn();
  await connecting;
  // @ts-expect-error: no Chat
  await assert.rejects(pipit.postRealtime({ words: 1 }, undefined as never));
  socket.write({ ev: 'message', group: 'tea', offset: 1, user: 'bob', cid: 'cid:x', data: { text: 'hello' } });
  assert.deepEqual(texts, ['hello']);
});

test('an error thrown by onlog is reported and harms nothing', async () => {
  const thrown = new Error('of the application');
  const { socket, reported, got } = await setUpOpen({
    token: 'T',
    onlog: () => {
      throw thrown;
    },
  });
  socket.onmessage?.({ data: 'no JSON' });
  socket.write({ ev: 'private', user: 'bob', cid: 'cid:x', data: 'hello' });
  assert.deepEqual(reported, [thrown]);
  assert.equal(got.at(-1)?.message, 'hello');
});

test('a FormData is posted as data', async () => {
  const { pipit, socket } = await setUpOpen();
  const form = new FormData();
  form.append('tags[]', 'a');
  form.append('tags[]', 'b');
  const posting = pipit.postRealtime(form, 'tea');
  await settled();
  assert.deepEqual(socket.commands.at(-1)?.data, { tags: ['a', 'b'] });
  socket.ok('post');
  await posting;
});
