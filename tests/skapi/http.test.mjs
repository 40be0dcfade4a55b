// skapi-js over http: it is told where the server is by what is planted in the page's storage.
import { after, afterEach, before, describe } from 'node:test';
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
