// Calls between two browsers: each side has a Chromium and a Firefox of its own.
import { after, before, describe } from 'node:test';
import { callsGuide } from './suites/calls_guide.mjs';
import { callsLasting } from './suites/calls_lasting.mjs';
import { callsMedia } from './suites/calls_media.mjs';
import { callsPlayground } from './suites/calls_playground.mjs';
import { callsRinging } from './suites/calls_ringing.mjs';
import { AppSite } from './support/app_site.mjs';
import { launch } from './support/browsers.mjs';
import { Server } from './support/server.mjs';

// A call that is not forgotten makes itself felt soon.
const SETTINGS = { 'calls.allow': 'everyone', 'limits.calls_per_connection_max': 2 };

const launchBoth = async () => ({ chromium: await launch('chromium'), firefox: await launch('firefox') });

describe('calls', () => {
  let server;
  let site;
  let browsers;
  before(async () => {
    server = await Server.start('ws', SETTINGS);
    site = await AppSite.start(server);
    browsers = { ann: await launchBoth(), ben: await launchBoth() };
  });
  after(async () => {
    for (const side of Object.values(browsers ?? {})) for (const browser of Object.values(side)) await browser.close();
    site?.stop();
    await server?.stop();
  });

  const world = { browsers: () => browsers, server: () => server, site: () => site };
  describe('media', () => callsMedia(world));
  describe('ringing', () => callsRinging(world));
  describe('lasting', () => callsLasting(world));
  describe('docs/calls.md', () => callsGuide(world));
  describe('playground', () => callsPlayground(world));
});
