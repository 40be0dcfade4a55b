import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../testing/fakes.js';
import { refusal } from './calls.harness.js';
import type { CallLink } from './link.js';
import { Pace } from './pace.js';
import type { Failure } from './refusals.js';

function setUp() {
  const clock = new ManualClock();
  const sent: { name: string; done: () => void; failed: (error: unknown) => void }[] = [];
  const refused: string[] = [];
  const link = {
    connected: true,
    isOpen: () => link.connected,
    command: (op: string, { name = op }: { name?: string }, done: () => void, failed: () => void) => void sent.push({ name, done, failed }),
  };
  const pace = new Pace(link as unknown as CallLink, clock.schedule);
  const failed = ({ reason }: Failure) => void refused.push(reason!);
  const signal = (name: string, isWanted?: () => boolean) => pace.command('signal', { name }, undefined, failed, isWanted);
  const limit = (at: number, retry_after_ms?: number) => sent[at]!.failed(refusal('rate_limited', { retry_after_ms }));
  const names = () => sent.splice(0).map(({ name }) => name);
  return { clock, link, pace, sent, refused, signal, limit, failed, names };
}

test('without a connection a command fails', () => {
  const { link, signal, sent, refused } = setUp();
  link.connected = false;
  signal('a');
  assert.deepEqual([refused, sent], [['lost'], []]);
});

test('what the server refuses for good is refused', () => {
  const { signal, sent, refused, clock } = setUp();
  signal('a');
  sent[0]!.failed(refusal('unavailable'));
  assert.deepEqual([refused, clock.timersArmed], [['unavailable'], 0]);
});

test('what came too fast is sent again when the server says, with all that was given since behind it and in order', async () => {
  const { clock, signal, limit, names, refused } = setUp();
  signal('a');
  signal('b');
  limit(0, 40);
  signal('c');
  limit(1, 30);
  assert.deepEqual(names(), ['a', 'b']);
  await clock.pass(39);
  assert.deepEqual(names(), []);
  await clock.pass(1);
  signal('d');
  assert.deepEqual([names(), refused, clock.timersArmed], [['a', 'b', 'c', 'd'], [], 0]);
});

test('where the server does not say when, it is asked again after a second', async () => {
  const { clock, signal, limit, names } = setUp();
  signal('a');
  limit(0);
  await clock.pass(1_000);
  assert.deepEqual(names(), ['a', 'a']);
});

test('what is not wanted any more is not sent', async () => {
  const { clock, signal, limit, names } = setUp();
  let isWanted = true;
  signal('a', () => isWanted);
  signal('b');
  limit(0);
  isWanted = false;
  names();
  await clock.pass(1_000);
  assert.deepEqual(names(), []);
  signal('c');
  assert.deepEqual(names(), ['c']);
});

test('the end of a call does not wait behind what came too fast', () => {
  const { pace, signal, limit, names } = setUp();
  signal('a');
  limit(0);
  pace.command('hangup', {});
  assert.deepEqual(names(), ['a', 'hangup']);
});

test('what waits fails when the connection is lost, and does not come after what the next one brings', async () => {
  const { clock, link, pace, signal, limit, names, refused } = setUp();
  signal('a');
  signal('b');
  limit(0);
  limit(1);
  names();
  link.connected = false;
  pace.flush();
  link.connected = true;
  await clock.pass(1_000);
  assert.deepEqual([refused, names(), clock.timersArmed], [['lost', 'lost'], [], 0]);
});

test('a call that cannot be taken up yet is tried again, and holds up nothing', async () => {
  const { clock, pace, signal, sent, names, failed, refused } = setUp();
  pace.command('reattach', {}, undefined, failed);
  sent[0]!.failed(refusal('unavailable'));
  signal('a');
  await clock.pass(1_000);
  assert.deepEqual([names(), refused], [['reattach', 'a', 'reattach'], []]);
});
