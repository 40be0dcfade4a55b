import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../testing/fakes.js';
import { Health } from './health.js';

function setUp(expectsWay = true) {
  const clock = new ManualClock();
  const deeds: string[] = [];
  const restart = () => void deeds.push('restart');
  const giveUp = (reason: string) => void deeds.push(reason);
  const health = new Health({ timers: clock.schedule, restart, giveUp }, expectsWay);
  const is = (iceConnectionState: RTCIceConnectionState, connectionState: RTCPeerConnectionState = 'new') =>
    health.onState({ iceConnectionState, connectionState });
  is('new');
  return { clock, deeds, health, is };
}

test('a way that is never found is given up after 30 s', async () => {
  const { clock, deeds, is } = setUp();
  await clock.pass(10_000);
  is('checking');
  await clock.pass(19_999);
  assert.deepEqual(deeds, []);
  await clock.pass(1);
  assert.deepEqual(deeds, ['not_connected']);
  assert.equal(clock.timersArmed, 0);
});

test('nothing is expected of a call without channels and media, until it has them', async () => {
  const { clock, deeds, health, is } = setUp(false);
  assert.equal(health.isWell, true);
  assert.equal(clock.timersArmed, 0);
  is('checking');
  await clock.pass(30_000);
  assert.deepEqual(deeds, ['not_connected']);
});

test('a way that fails is looked for anew at once, each time', () => {
  const { deeds, is } = setUp();
  for (const state of ['connected', 'failed', 'checking', 'failed'] as const) is(state);
  assert.deepEqual(deeds, ['restart', 'restart']);
});

test('an interruption of 2 s is let pass, a longer one makes it look for another way', async () => {
  const { clock, deeds, is } = setUp();
  is('connected');
  is('disconnected');
  await clock.pass(1_999);
  is('connected');
  assert.equal(clock.timersArmed, 0);
  is('disconnected');
  await clock.pass(2_000);
  assert.deepEqual(deeds, ['restart']);
});

test('a call that broke is lost after 30 s, however often it is looked for', async () => {
  const { clock, deeds, is } = setUp();
  is('completed');
  is('failed');
  await clock.pass(15_000);
  is('checking');
  await clock.pass(15_000);
  assert.deepEqual(deeds, ['restart', 'lost']);
});

test('an other side that the server does not know either is given up sooner', async () => {
  const { clock, deeds, health, is } = setUp();
  is('connected');
  health.onPeer(true);
  assert.equal(clock.timersArmed, 0);
  is('disconnected');
  await clock.pass(5_999);
  assert.deepEqual(deeds, ['restart']);
  await clock.pass(1);
  assert.deepEqual(deeds, ['restart', 'lost']);
});

test('an other side that comes back to the server in time has its 30 s', async () => {
  const { clock, deeds, health, is } = setUp();
  is('connected');
  health.onPeer(true);
  is('disconnected');
  await clock.pass(5_000);
  health.onPeer(false);
  await clock.pass(24_999);
  assert.deepEqual(deeds, ['restart']);
  is('connected');
  assert.equal(clock.timersArmed, 0);
});

test('an other side that is away and out of reach for sure is given up at once', () => {
  const { deeds, health, is } = setUp();
  is('connected');
  health.onPeer(true);
  is('failed');
  assert.deepEqual(deeds, ['lost']);
});

test('a connection whose encryption failed is not well, whatever the way is', async () => {
  const { clock, deeds, is } = setUp();
  is('connected', 'failed');
  await clock.pass(30_000);
  assert.deepEqual(deeds, ['not_connected']);
});
