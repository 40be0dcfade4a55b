import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Pipit } from './pipit.js';
import { SavedSession } from './resume.js';
import { CID, FakeServer, FakeStorage, ManualClock } from './testing/fakes.js';
import type { User } from './types.js';

const ANN: User = { user_id: 'änn', cid: CID };
const OTHER = 'cid:BBBBBBBBBBBBBBBB';
const THIRD = 'cid:CCCCCCCCCCCCCCCC';
const URL = 'wss://example.org/v1/realtime';
const tokenOf = (sub: unknown) => `e30.${Buffer.from(JSON.stringify({ sub, pad: '???>>>' })).toString('base64url')}.c2ln`;

let view: EventTarget;
beforeEach(() => {
  view = new EventTarget();
  Object.assign(globalThis, {
    document: new EventTarget(),
    addEventListener: view.addEventListener.bind(view),
    removeEventListener: view.removeEventListener.bind(view),
  });
});
afterEach(() => {
  for (const name of ['document', 'addEventListener', 'removeEventListener']) Reflect.deleteProperty(globalThis, name);
});

const page = (type: 'pagehide' | 'pageshow', persisted: boolean) => view.dispatchEvent(Object.assign(new Event(type), { persisted }));

function setUp(url = URL, storage = new FakeStorage()) {
  const around = { nowMs: 1_000_000, storage, client: () => new SavedSession(url, { storage: () => around.storage, wallMs: () => around.nowMs }) };
  return around;
}

/** Clients connect in a page; then it ends with those users connected, and the next page is there. */
function setUpEnded(...users: (User | null)[]) {
  const around = setUp();
  const ends = users.map((user) => around.client().watchPage(() => user));
  page('pagehide', false);
  for (const end of ends) end();
  return around;
}

/** What a client of the page that is there now finds. */
function found(around: { client: () => SavedSession }, token = tokenOf('änn')) {
  const saved = around.client();
  saved.watchPage(() => null)();
  return saved.find(token);
}

for (const [name, text] of [
  ['no JSON', 'cid'],
  ['null', 'null'],
  ['no object', '5'],
  ['no cid', '{"saved_at":1000000}'],
  ['something else than a cid', `{"cid":"x","saved_at":1000000}`],
  ['no time', `{"cid":"${CID}"}`],
  ['a time to come', `{"cid":"${CID}","saved_at":1000001}`],
  ['a time 30 s ago', `{"cid":"${CID}","saved_at":970000}`],
] as const) {
  test(`what was kept is not used, and gone: ${name}`, () => {
    const around = setUpEnded(ANN);
    const [key] = [...around.storage.keys()];
    around.storage.set(key!, text);
    assert.equal(found(around), undefined);
    assert.equal(around.storage.size, 0);
  });
}

test('a storage that throws, or is missing, is nothing', () => {
  for (const storage of [() => { throw new Error('forbidden'); }, () => undefined as never]) {
    const saved = new SavedSession(URL, { storage, wallMs: () => 0 });
    const end = saved.watchPage(() => ANN);
    assert.equal(page('pagehide', false), true);
    assert.equal(page('pageshow', true), true);
    assert.equal(saved.find(tokenOf('änn')), undefined);
    end();
  }
});

test('in Node nothing is kept and nothing is found', () => {
  const around = setUpEnded(ANN);
  Reflect.deleteProperty(globalThis, 'document');
  assert.equal(found(around), undefined);
  around.client().watchPage(() => assert.fail('asked'))();
  page('pagehide', false);
  assert.equal(around.storage.size, 1);
});

test('the connection of a page that ended is gone on with, by one page', () => {
  const around = setUpEnded(ANN);
  around.nowMs += 29_999;
  assert.equal(found(around), CID);
  assert.equal(around.storage.size, 0);
  assert.equal(found(around), undefined);
});

test('what was found is found by each attempt, until it is forgotten or 30 s old', () => {
  const around = setUpEnded(ANN);
  const saved = around.client();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    saved.watchPage(() => null)();
    assert.equal(saved.find(tokenOf('änn')), CID);
  }
  around.nowMs += 30_000;
  assert.equal(saved.find(tokenOf('änn')), undefined);
  around.nowMs -= 30_000;
  saved.forget();
  assert.equal(saved.find(tokenOf('änn')), undefined);
});

test('a page that ends before it has connected leaves what it found to the next, which has no more time', () => {
  const around = setUpEnded(ANN);
  around.nowMs += 20_000;
  const end = around.client().watchPage(() => null);
  page('pagehide', false);
  end();
  around.nowMs += 9_999;
  assert.equal(found(around), CID);
  page('pagehide', false);
  assert.equal(around.storage.size, 0);
});

test('each client of a page finds its own, in the order in which they connect', () => {
  const around = setUpEnded(ANN, { ...ANN, cid: OTHER }, { user_id: 'bob', cid: THIRD });
  const clients = [1, 2, 3].map(() => around.client());
  const ends = clients.map((client) => client.watchPage(() => null));
  assert.deepEqual(clients.map((client) => client.find(tokenOf('änn'))), [CID, OTHER, undefined]);
  assert.equal(clients[2]!.find(tokenOf('bob')), THIRD);
  for (const end of ends) end();
});

test('a client that has closed makes room for the next one', () => {
  const around = setUp();
  around.client().watchPage(() => null)();
  const end = around.client().watchPage(() => ANN);
  page('pagehide', false);
  end();
  assert.equal(found(around), CID);
});

test('nothing is kept without a connection, or after it was closed', () => {
  assert.equal(setUpEnded(null).storage.size, 0);
  const around = setUp();
  around.client().watchPage(() => ANN)();
  page('pagehide', false);
  assert.equal(around.storage.size, 0);
});

test('while the page is there nothing is kept: a duplicated tab copies nothing', () => {
  const around = setUpEnded(ANN);
  const end = around.client().watchPage(() => ANN);
  page('pageshow', false);
  assert.equal(around.storage.size, 0);
  end();
});

test('a page that comes back as it was forgets what was kept', () => {
  const { client, storage } = setUp();
  const end = client().watchPage(() => ANN);
  page('pagehide', true);
  assert.equal(storage.size, 1);
  page('pageshow', true);
  assert.equal(storage.size, 0);
  end();
});

test('another user, another server, or a token that cannot be read finds nothing', () => {
  const around = setUpEnded(ANN);
  assert.equal(found(setUp('wss://example.com/v1/realtime', around.storage)), undefined);
  const saved = around.client();
  saved.watchPage(() => null)();
  for (const token of [tokenOf('bob'), tokenOf(undefined), '', 'T1', 'a.!.c', 'a.bnVsbA.c']) assert.equal(saved.find(token), undefined);
  assert.equal(saved.find(tokenOf('änn')), CID);
});

test('a client that could not connect after a reload goes on with it at the next call, and never after it has', async () => {
  const { storage } = setUpEnded(ANN);
  const [server, clock] = [new FakeServer(), new ManualClock()];
  clock.nowMs = 1_000_000;
  const around = clock.surroundings({ storage: () => storage });
  const pipit = new Pipit({ url: 'wss://example.org', token: tokenOf('änn'), WebSocket: server.WebSocket }, around);
  const failing = pipit.connectRealtime(() => {});
  server.socket.lose();
  await assert.rejects(failing);
  for (const session of [CID, undefined]) {
    const connecting = pipit.connectRealtime(() => {});
    const socket = await server.signIn();
    await connecting;
    assert.equal(socket.commands[0]?.session, session);
    await pipit.closeRealtime();
  }
});
