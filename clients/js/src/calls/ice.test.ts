import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, settled } from '../testing/fakes.js';
import type { Around } from './around.js';
import { IceList } from './ice.js';
import type { CallLink } from './link.js';

function setUp(expires_in_ms?: number) {
  const clock = new ManualClock();
  const asked: { done: (ok: unknown) => void; failed: (error: unknown) => void }[] = [];
  const link = { command: (_op: string, _members: object, done: () => void, failed: () => void) => void asked.push({ done, failed }) };
  const list = new IceList(link as unknown as CallLink, { timers: clock.schedule, nowMs: () => clock.nowMs } as unknown as Around);
  const answer = () => asked.at(-1)!.done({ iceServers: [{ urls: `stun:${asked.length}` }], ...(expires_in_ms === undefined ? {} : { expires_in_ms }) });
  return { clock, asked, list, answer };
}

const first = [{ urls: 'stun:1' }];
const second = [{ urls: 'stun:2' }];

test('a list that cannot be had is refused, and asked for anew the next time', async () => {
  const { list, asked, answer } = setUp();
  const refused = assert.rejects(list.get(), /^Error: no$/);
  asked[0]!.failed(new Error('no'));
  await refused;
  const got = list.get();
  answer();
  assert.deepEqual(await got, second);
});

test('it is asked for once, for all who need it within ten minutes', async () => {
  const { list, clock, asked, answer } = setUp();
  const [one, two] = [list.get(), list.get()];
  answer();
  assert.deepEqual([await one, await two, await list.get()], [first, first, first]);
  await clock.pass(600_000);
  const later = list.get();
  answer();
  assert.deepEqual(await later, second);
  assert.equal(asked.length, 2);
});

test('credentials are not given to a call shortly before they run out', async () => {
  const { list, clock, asked, answer } = setUp(100_000);
  const got = list.get();
  answer();
  await got;
  await clock.pass(79_000);
  await list.get();
  assert.equal(asked.length, 1);
  await clock.pass(1_000);
  void list.get();
  assert.equal(asked.length, 2);
});

test('credentials in use are renewed before they run out, again and again, and nothing is left when the use ends', async () => {
  const { list, clock, asked, answer } = setUp(100_000);
  const renewed: unknown[] = [];
  const got = list.get();
  answer();
  await got;
  assert.equal(clock.timersArmed, 0);
  const end = list.use((servers) => void renewed.push(servers));
  await clock.pass(80_000);
  answer();
  await settled();
  await clock.pass(80_000);
  answer();
  await settled();
  assert.deepEqual(renewed, [second, [{ urls: 'stun:3' }]]);
  end();
  assert.equal(clock.timersArmed, 0);
  assert.equal(asked.length, 3);
});

test('a renewal that fails is tried again in 30 s', async () => {
  const { list, clock, asked, answer } = setUp(100_000);
  const got = list.get();
  answer();
  await got;
  const renewed: unknown[] = [];
  list.use((servers) => void renewed.push(servers));
  await clock.pass(80_000);
  asked.at(-1)!.failed(new Error('no connection'));
  await settled();
  await clock.pass(30_000);
  answer();
  await settled();
  assert.deepEqual(renewed, [[{ urls: 'stun:3' }]]);
});

test('a list without credentials is not renewed', async () => {
  const { list, clock, answer } = setUp();
  const got = list.get();
  answer();
  await got;
  list.use(() => assert.fail('renewed'));
  assert.equal(clock.timersArmed, 0);
});
