// Everything that is tested in one browser: with the client as a script's global and as a module, over ws and over wss.
import { after, afterEach, before, describe } from 'node:test';
import { forms } from '../suites/forms.mjs';
import { playground } from '../suites/playground.mjs';
import { readme } from '../suites/readme.mjs';
import { realtime } from '../suites/realtime.mjs';
import { reconnecting } from '../suites/reconnecting.mjs';
import { AppSite } from './app_site.mjs';
import { launch, openPage } from './browsers.mjs';
import { Server } from './server.mjs';

// `name` is "chromium" or "firefox".
export function testIn(name) {
  let browser;
  before(async () => (browser = await launch(name)));
  after(() => browser?.close());

  for (const scheme of ['ws', 'wss']) {
    describe(`${name}, ${scheme}`, () => {
      let server;
      let site;
      before(async () => {
        server = await Server.start(scheme);
        site = await AppSite.start(server);
      });
      after(async () => {
        site?.stop();
        await server?.stop();
      });
      for (const bundle of ['script', 'module']) {
        describe(bundle, () => testClient({ browser: () => browser, server: () => server, site: () => site, bundle }));
      }
      // A newcomer's server has no certificate.
      if (scheme === 'ws') describe('README.md', () => readme({ browser: () => browser, site: () => site }));
      describe('playground', () => playground({ browser: () => browser, server: () => server, name }));
    });
  }
}

function testClient({ browser, server, site, bundle }) {
  let page;
  const openTab = () => openPage(browser(), `${site().origin}/${bundle}`);
  const inPage = (run, ...values) => page.evaluate(run, ...values);
  before(async () => (page = await openTab()));
  after(() => page?.close());
  afterEach(() => inPage(() => people.part()));

  const world = { page: () => page, inPage, openTab, server };
  realtime(world);
  forms(world);
  reconnecting(world);
}
