// What there is around a Firefox that gets notifications: a push service, the server that delivers to it, an application's
// site, and an admin with a client for Node.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pipit } from '../../../clients/js/dist/node.mjs';
import { CertificateAuthority } from '../../integration/support/certificates.mjs';
import { within } from '../../integration/support/deadline.mjs';
import { AppSite } from './app_site.mjs';
import { launch, openPage } from './browsers.mjs';
import { FirefoxSystem } from './firefox_system.mjs';
import { BrowserPushService } from './push_service.mjs';
import { Server } from './server.mjs';

export const SUBJECT = 'mailto:push@example.com';

export class FirefoxStage {
  service;
  server;
  site;
  admin;
  browser;
  system; // a FirefoxSystem
  #folder = mkdtempSync(join(tmpdir(), 'pipit-push-'));
  #visits = []; // { page, context, user } of this test

  async start() {
    this.service = await BrowserPushService.start(new CertificateAuthority(this.#folder).issue());
    this.server = await Server.start('ws', {
      'push.allowed_hosts': this.service.host,
      'push.ca_file': join(this.#folder, 'ca.pem'),
      'push.subject': SUBJECT,
      'presence.grace_ms': 60_000, // who is gone from a group is given up by no test
    });
    this.site = await AppSite.start(this.server);
    const getToken = () => this.server.sign(crypto.randomUUID(), { role: 'admin' });
    this.admin = new Pipit({ url: this.server.origin, getToken });
    await this.admin.connectRealtime(() => {});
    this.browser = await launch('firefox', { pushService: this.service.url });
    this.system = new FirefoxSystem(this.browser);
  }

  // Also when start() has not come to its end.
  async stop() {
    await this.browser?.close();
    await this.admin?.closeRealtime();
    this.site?.stop();
    await this.server?.stop();
    this.service?.close();
    rmSync(this.#folder, { recursive: true });
  }

  // A page in which somebody has enabled notifications; with their `user` id and `endpoint`. `context` is where in the
  // browser: each has a subscription of its own.
  async visit({ context = this.browser, bundle = 'script', user = crypto.randomUUID() } = {}) {
    const page = await openPage(context, `${this.site.origin}/push/${bundle}`);
    this.#visits.push({ page, context, user });
    const { endpoint } = await page.evaluate((id) => enablePush(id), user);
    return Object.assign(page, { user, endpoint });
  }

  // A part of the browser with a subscription of its own, until the test is over.
  newContext() {
    return this.browser.createBrowserContext();
  }

  // Everyone goes, and nothing is left of any subscription and notification; for the next test.
  async part() {
    const visits = this.#visits.splice(0);
    const last = new Map(visits.map(({ context, user }) => [context, user])); // the subscription is theirs
    const complaints = visits.flatMap(({ page }) => page.complaints);
    for (const [context, user] of last) {
      const page = await openPage(context, `${this.site.origin}/push/script`);
      await page.evaluate((id) => disablePush(id), user);
      for (const other of await context.pages()) if (other.url().startsWith(this.site.origin)) await other.close();
      if (context !== this.browser) await context.close();
    }
    assert.deepEqual(complaints, []);
    assert.deepEqual(this.service.subscriptions, []);
  }

  // Notifies these users, or everyone. Resolves with what came of it, once all has.
  push(notification, users) {
    const finished = new Promise((resolve, reject) => {
      const progress = (state) => state.finished && resolve(state);
      this.admin.pushNotification(notification, users, { progress }).catch(reject);
    });
    return within(finished, 'the end of a push');
  }
}
