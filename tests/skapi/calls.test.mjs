// Calls of skapi-js, and both kinds of clients in one group.
import { after, afterEach, before, describe } from 'node:test';
import { calls } from './suites/calls.mjs';
import { mixed } from './suites/mixed.mjs';
import { inWorld } from './support/world.mjs';

for (const way of ['planted', '?']) {
  describe(way === 'planted' ? 'over http' : 'over https', () => {
    const world = inWorld({ before, after, afterEach }, { way });
    describe('calls', () => calls({ world }));
    describe('skapi-js and Pipit’s client in one group', () => mixed({ world }));
  });
}
