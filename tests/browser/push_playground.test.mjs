// Notifications as the playground and docs/push.md have them, in a real Firefox, from a push service of the tests' own.
import { after, before, describe } from 'node:test';
import { pushGuide } from './suites/push_guide.mjs';
import { pushPlayground } from './suites/push_playground.mjs';
import { FirefoxStage } from './support/firefox_stage.mjs';

describe('notifications for people', () => {
  const stage = new FirefoxStage();
  before(() => stage.start());
  after(() => stage.stop());

  describe('docs/push.md', () => pushGuide({ stage }));
  describe('playground', () => pushPlayground({ stage }));
});
