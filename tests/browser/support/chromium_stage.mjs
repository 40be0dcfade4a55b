// What there is around a Chromium whose worker gets messages: the server, an application's site, and a desktop that shows
// notifications. No push service that Chromium knows can be had in a test, so the DevTools protocol stands in for it.
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
  #registration;

  static async start() {
    const stage = new ChromiumStage();
    stage.server = await Server.start('ws');
    stage.site = await AppSite.start(stage.server);
    stage.system = await Desktop.start();
    stage.browser = await launch('chromium', { environment: stage.system.environment });
    await stage.browser.defaultBrowserContext().overridePermissions(stage.site.origin, ['notifications']);
    // Of a page that is of no site, and stays.
    const [blank] = await stage.browser.pages();
    stage.#devtools = await blank.createCDPSession();
    stage.#devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      stage.#registration = registrations.find(({ isDeleted }) => !isDeleted) ?? stage.#registration;
    });
    await stage.#devtools.send('ServiceWorker.enable');
    return stage;
  }

  async stop() {
    await this.browser?.close();
    this.system?.stop();
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
  deliver(data) {
    const { registrationId } = this.#registration;
    return this.#devtools.send('ServiceWorker.deliverPushMessage', { origin: this.site.origin, registrationId, data });
  }
}
