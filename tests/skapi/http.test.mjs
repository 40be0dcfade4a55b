// skapi-js over http: it is told where the server is by what is planted in the page's storage.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { listing } from './suites/listing.mjs';
import { realtime } from './suites/realtime.mjs';
import { reconnecting } from './suites/reconnecting.mjs';
import { inWorld } from './support/world.mjs';

describe('skapi-js over http', () => {
  const world = inWorld({ before, after, afterEach }, { way: 'planted' });
  realtime({ world });
  reconnecting({ world });
});

describe('lists of skapi-js', () => listing({ world: inWorld({ before, after }, { way: 'planted' }) }));

describe('a server that is for developing', () => {
  // As docs/skapi.md names it.
  const service = { id: 'us31pipitdev01', owner: '00000000-0000-4000-8000-000000000001' };
  const world = inWorld({ before, after, afterEach }, { way: 'planted', services: [] });

  test('has a service without being told of one', async () => {
    const [ann, ben] = await world().party('tea', 2, { service });
    await ann.evaluate(() => me.post('"hello"', 'tea'));
    const { sender } = await ben.evaluate(() => me.heard('"hello"'));
    assert.equal(sender, ann.user);
  });
});
