// Everything that is tested in one browser: with the client as a script's global and as a module, over ws and over wss.
import { after, afterEach, before, describe } from 'node:test';
import { forms } from '../suites/forms.mjs';
import { FIVE_KEPT, gaps } from '../suites/gaps.mjs';
import { history } from '../suites/history.mjs';
import { listing } from '../suites/listing.mjs';
import { listingForms } from '../suites/listing_forms.mjs';
import { lobby } from '../suites/lobby.mjs';
import { losses } from '../suites/losses.mjs';
import { playground } from '../suites/playground.mjs';
import { presence } from '../suites/presence.mjs';
import { pushPanel } from '../suites/push_panel.mjs';
import { readme } from '../suites/readme.mjs';
import { realtime } from '../suites/realtime.mjs';
import { reconnecting } from '../suites/reconnecting.mjs';
import { watching } from '../suites/watching.mjs';
import { AppSite } from './app_site.mjs';
import { launch, openPage } from './browsers.mjs';
import { Server } from './server.mjs';

// Two servers: one gives nobody up while a test lasts, the other one at once.
const PATIENT = { 'presence.grace_ms': 60_000 };
const BRIEF = { 'presence.grace_ms': 100 };

// Lists and presence are the same in both bundles and over both schemes, so each browser tests them in one of the four.
const ONCE_IN = { chromium: 'script over ws', firefox: 'module over wss' };

// `name` is "chromium" or "firefox".
export function testIn(name) {
  let browser;
  before(async () => (browser = await launch(name)));
  after(() => browser?.close());

  for (const scheme of ['ws', 'wss']) {
    describe(`${name}, ${scheme}`, () => {
      const [patient, brief] = [PATIENT, BRIEF].map((settings) => serve(scheme, settings));
      const inBrowser = { browser: () => browser, scheme, name };
      for (const bundle of ['script', 'module']) {
        describe(bundle, () => {
          const ours = { ...inBrowser, bundle };
          const world = { ...ours, ...patient, ...visit(ours, patient), brief: { ...brief, ...visit(ours, brief) } };
          realtime(world);
          forms(world);
          history(world);
          reconnecting(world);
          if (ONCE_IN[name] !== `${bundle} over ${scheme}`) return;
          presence(world);
          describe('lists', () => testLists({ ...world, ...world.brief }));
        });
      }
      describe('playground', () => playground({ ...inBrowser, ...patient }));
      if (scheme === 'ws') {
        // A newcomer's server has no certificate.
        describe('README.md', () => readme({ ...inBrowser, ...patient }));
        // Nobody else is on this server, and lists are no different over TLS.
        describe('playground’s lobby', () => lobby({ ...inBrowser, ...serve(scheme, PATIENT) }));
        describe('playground’s losses', () => losses({ ...inBrowser, ...brief }));
        describe('playground’s gaps', () => gaps({ ...inBrowser, ...serve(scheme, { ...PATIENT, ...FIVE_KEPT }) }));
        describe('playground’s card for notifications', () => pushPanel({ ...inBrowser, ...patient }));
      }
    });
  }
}

function testLists(world) {
  listing(world);
  listingForms(world);
  watching(world);
}

// A server with these settings and an application's site that uses it, while the tests around it run.
function serve(scheme, settings) {
  let server;
  let site;
  before(async () => {
    server = await Server.start(scheme, settings);
    site = await AppSite.start(server);
  });
  after(async () => {
    site?.stop();
    await server?.stop();
  });
  return { server: () => server, site: () => site };
}

// A page of the site for all tests around it, out of which everybody is gone after each.
function visit({ browser, bundle }, { site }) {
  let page;
  const openTab = () => openPage(browser(), `${site().origin}/${bundle}`);
  before(async () => (page = await openTab()));
  after(() => page?.close());
  afterEach(() => page.evaluate(() => people.part()));
  return { page: () => page, openTab, inPage: (run, ...values) => page.evaluate(run, ...values) };
}
