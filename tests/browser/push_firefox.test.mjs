// Notifications in a real Firefox, from a push service of the tests' own.
import { after, afterEach, before, describe } from 'node:test';
import { pushClicks } from './suites/push_clicks.mjs';
import { pushDelivery } from './suites/push_delivery.mjs';
import { FirefoxStage } from './support/firefox_stage.mjs';

describe('notifications in firefox', () => {
  const stage = new FirefoxStage();
  before(() => stage.start());
  afterEach(() => stage.part());
  after(() => stage.stop());

  const deliver = (notification, { user }) => stage.push(notification, user);
  pushDelivery({ stage });
  describe('a click', () => pushClicks({ stage, deliver, hasButtons: false }));
});
