// The worker for notifications in a real Chromium, on a desktop of the tests' own.
import { after, before, describe } from 'node:test';
import { pushClicks } from './suites/push_clicks.mjs';
import { pushPayloads } from './suites/push_payloads.mjs';
import { ChromiumStage } from './support/chromium_stage.mjs';

describe('notifications in chromium', () => {
  let stage;
  before(async () => (stage = await ChromiumStage.start()));
  after(() => stage?.stop());

  const world = { stage: () => stage, visit: () => stage.visit(), hasButtons: true };
  describe('what the worker gets', () => pushPayloads(world));
  describe('a click', () => pushClicks({ ...world, deliver: (notification) => stage.deliver(JSON.stringify(notification)) }));
});
