// What there is around a Chromium whose worker gets messages: the server, an application's site, and a desktop that shows
// notifications. No push service that Chromium knows can be had in a test, so the DevTools protocol stands in for it.
import { within } from '../../integration/support/deadline.mjs';
import { AppSite } from './app_site.mjs';
import { launch, openPage } from './browsers.mjs';
import { Desktop } from './desktop.mjs';
import { Server } from './server.mjs';

export class ChromiumStage {
  server;
  site;
  browser;
  system; // a Desktop
  #devtools;
  #registered; // resolves with the id of the site's worker

  async start() {
    this.server = await Server.start('ws');
    this.site = await AppSite.start(this.server);
    this.system = await Desktop.start();
    this.browser = await launch('chromium', { environment: this.system.environment });
    await this.browser.defaultBrowserContext().overridePermissions(this.site.origin, ['notifications']);
    // Of a page that is of no site, and stays.
    const [blank] = await this.browser.pages();
    this.#devtools = await blank.createCDPSession();
    this.#registered = new Promise((resolve) => {
      this.#devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [one] }) => one && resolve(one.registrationId));
    });
    await this.#devtools.send('ServiceWorker.enable');
  }

  // Also when start() has not come to its end.
  async stop() {
    await this.browser?.close();
    await this.system?.stop();
    this.site?.stop();
    await this.server?.stop();
  }

  // A page of the site, which has its worker.
  async visit() {
    const page = await openPage(this.browser, `${this.site.origin}/push/script`);
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/pipit-sw.js');
      await navigator.serviceWorker.ready;
    });
    return page;
  }

  // The worker gets this text as a push service would bring it.
  async deliver(data) {
    const registrationId = await within(this.#registered, 'the worker of the site');
    await this.#devtools.send('ServiceWorker.deliverPushMessage', { origin: this.site.origin, registrationId, data });
  }
}
