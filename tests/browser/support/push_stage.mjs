// What there is around a browser that gets notifications: a push service, the server that delivers to it, an application's
// site, and an admin with a client for Node.
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

export class PushStage {
  service;
  server;
  site;
  admin;
  browser;
  system; // a FirefoxSystem
  #folder = mkdtempSync(join(tmpdir(), 'pipit-push-'));

  static async start() {
    const stage = new PushStage();
    stage.service = await BrowserPushService.start(new CertificateAuthority(stage.#folder).issue());
    stage.server = await Server.start('ws', {
      'push.allowed_hosts': stage.service.host,
      'push.ca_file': join(stage.#folder, 'ca.pem'),
      'push.subject': SUBJECT,
    });
    stage.site = await AppSite.start(stage.server);
    const getToken = () => stage.server.sign(crypto.randomUUID(), { role: 'admin' });
    stage.admin = new Pipit({ url: stage.server.origin, getToken });
    await stage.admin.connectRealtime(() => {});
    stage.browser = await launch('firefox', { pushService: stage.service.url });
    stage.system = new FirefoxSystem(stage.browser);
    return stage;
  }

  async stop() {
    await this.browser?.close();
    await this.admin?.closeRealtime();
    this.site?.stop();
    await this.server?.stop();
    this.service.close();
    rmSync(this.#folder, { recursive: true });
  }

  // A page in which somebody has enabled notifications; with their `user` id and `endpoint`. `context` is where in the
  // browser: each has a subscription of its own.
  async visit({ context = this.browser, bundle = 'script', user = crypto.randomUUID() } = {}) {
    const page = await openPage(context, `${this.site.origin}/push/${bundle}`);
    const { endpoint } = await page.evaluate((id) => enablePush(id), user);
    return Object.assign(page, { user, endpoint });
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
