// The worker for notifications in a real Chromium, on a desktop of the tests' own.
import { after, before, describe } from 'node:test';
import { pushClicks } from './suites/push_clicks.mjs';
import { pushPayloads } from './suites/push_payloads.mjs';
import { ChromiumStage } from './support/chromium_stage.mjs';

describe('notifications in chromium', () => {
  const stage = new ChromiumStage();
  before(() => stage.start());
  after(() => stage.stop());

  const deliver = (notification) => stage.deliver(JSON.stringify(notification));
  describe('what the worker gets', () => pushPayloads({ stage }));
  describe('a click', () => pushClicks({ stage, deliver, hasButtons: true }));
});
