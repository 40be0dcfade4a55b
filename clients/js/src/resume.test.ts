import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { SavedSession } from './resume.js';
import { CID, FakeStorage } from './testing/fakes.js';

const ANN = { user_id: 'änn', cid: CID };
const URL = 'wss://example.org/v1/realtime';
const tokenOf = (sub: unknown) => `e30.${Buffer.from(JSON.stringify({ sub, pad: '???>>>' })).toString('base64url')}.c2ln`;

let view: EventTarget;
beforeEach(() => {
  view = new EventTarget();
  Object.assign(globalThis, {
    document: {},
    addEventListener: view.addEventListener.bind(view),
    removeEventListener: view.removeEventListener.bind(view),
  });
});
afterEach(() => {
  for (const name of ['document', 'addEventListener', 'removeEventListener']) Reflect.deleteProperty(globalThis, name);
});

const page = (type: 'pagehide' | 'pageshow', persisted: boolean) => view.dispatchEvent(Object.assign(new Event(type), { persisted }));

function setUp(url = URL, storage = new FakeStorage()) {
  const around = { nowMs: 1_000_000, storage, saved: undefined as unknown as SavedSession };
  around.saved = new SavedSession(url, { storage: () => around.storage, wallMs: () => around.nowMs });
  return around;
}

/** A page that has ended with that user connected. */
function setUpEnded(user: typeof ANN | null = ANN) {
  const around = setUp();
  const unwatch = around.saved.watchPage(() => user);
  page('pagehide', false);
  unwatch();
  return around;
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
    const { saved, storage } = setUpEnded();
    const [key] = [...storage.keys()];
    storage.set(key!, text);
    assert.equal(saved.take(tokenOf('änn')), undefined);
  });
}

test('a storage that throws, or is missing, is nothing', () => {
  for (const storage of [() => { throw new Error('forbidden'); }, () => undefined as never]) {
    const saved = new SavedSession(URL, { storage, wallMs: () => 0 });
    saved.watchPage(() => ANN);
    assert.equal(page('pagehide', false), true);
    assert.equal(page('pageshow', true), true);
    assert.equal(saved.take(tokenOf('änn')), undefined);
  }
});

test('in Node nothing is kept and nothing is found', () => {
  const { saved, storage } = setUpEnded();
  Reflect.deleteProperty(globalThis, 'document');
  assert.equal(saved.take(tokenOf('änn')), undefined);
  saved.watchPage(() => assert.fail('asked'))();
  page('pagehide', false);
  assert.equal(storage.size, 1);
});

test('the connection of a page that ended is gone on with, once', () => {
  const around = setUpEnded();
  around.nowMs += 29_999;
  assert.equal(around.saved.take(tokenOf('änn')), CID);
  assert.equal(around.storage.size, 0);
  assert.equal(around.saved.take(tokenOf('änn')), undefined);
});

test('nothing is kept without a connection, or after it was closed', () => {
  assert.equal(setUpEnded(null).storage.size, 0);
  const { saved, storage } = setUp();
  saved.watchPage(() => ANN)();
  page('pagehide', false);
  assert.equal(storage.size, 0);
});

test('while the page is there nothing is kept: a duplicated tab copies nothing', () => {
  const { saved, storage } = setUp();
  saved.watchPage(() => ANN);
  page('pageshow', false);
  assert.equal(storage.size, 0);
});

test('a page that comes back as it was forgets what was kept', () => {
  const { saved, storage } = setUp();
  saved.watchPage(() => ANN);
  page('pagehide', true);
  assert.equal(storage.size, 1);
  page('pageshow', true);
  assert.equal(storage.size, 0);
});

test('a new page that is shown keeps what the page before has left', () => {
  const { saved } = setUpEnded();
  saved.watchPage(() => ANN);
  page('pageshow', false);
  assert.equal(saved.take(tokenOf('änn')), CID);
});

test('another user, another server, or a token that cannot be read finds nothing', () => {
  const { saved, storage } = setUpEnded();
  for (const token of [tokenOf('bob'), tokenOf(undefined), '', 'T1', 'a.!.c', 'a.bnVsbA.c']) assert.equal(saved.take(token), undefined);
  assert.equal(setUp('wss://example.com/v1/realtime', storage).saved.take(tokenOf('änn')), undefined);
  assert.equal(saved.take(tokenOf('änn')), CID);
});
