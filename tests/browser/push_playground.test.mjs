// Notifications as the playground and docs/push.md have them, in a real Firefox, from a push service of the tests' own.
import { after, before, describe } from 'node:test';
import { pushGuide } from './suites/push_guide.mjs';
import { pushPlayground } from './suites/push_playground.mjs';
import { PushStage } from './support/push_stage.mjs';

describe('notifications for people', () => {
  let stage;
  before(async () => (stage = await PushStage.start()));
  after(() => stage?.stop());

  const world = { stage: () => stage };
  describe('docs/push.md', () => pushGuide(world));
  describe('playground', () => pushPlayground(world));
});
