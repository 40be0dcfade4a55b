// Notifications in a real Firefox, from a push service of the tests' own.
import { after, afterEach, before, describe } from 'node:test';
import { pushClicks } from './suites/push_clicks.mjs';
import { pushDelivery } from './suites/push_delivery.mjs';
import { PushStage } from './support/push_stage.mjs';

describe('notifications in firefox', () => {
  let stage;
  before(async () => (stage = await PushStage.start()));
  afterEach(() => stage.part());
  after(() => stage?.stop());

  const world = { stage: () => stage, visit: () => stage.visit(), hasButtons: false };
  pushDelivery(world);
  describe('a click', () => pushClicks({ ...world, deliver: (notification, { user }) => stage.push(notification, user) }));
});
