// skapi-js over https: it asks the server where all is, in both ways that `target_cdn` allows.
import { after, afterEach, before, describe } from 'node:test';
import { listing } from './suites/listing.mjs';
import { realtime } from './suites/realtime.mjs';
import { reconnecting } from './suites/reconnecting.mjs';
import { inWorld } from './support/world.mjs';

for (const way of ['?', '#']) {
  describe(`skapi-js over https, target_cdn with "${way}"`, () => {
    const world = inWorld({ before, after, afterEach }, { way });
    realtime({ world });
    reconnecting({ world });
  });

  // The people of these lists stay for all of them.
  describe(`lists of skapi-js over https, target_cdn with "${way}"`, () => listing({ world: inWorld({ before, after }, { way }) }));
}
