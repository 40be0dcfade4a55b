// A server for skapi-js, an application's site that uses it, and a Chromium with the people in it.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppSite, calls, people, script } from '../../browser/support/app_site.mjs';
import { launch, openPage } from '../../browser/support/browsers.mjs';
import { Server } from '../../browser/support/server.mjs';
import { CertificateAuthority } from '../../integration/support/certificates.mjs';

const client = script(new URL('../node_modules/skapi-js/dist/skapi.js', import.meta.url));
const member = script(new URL('../site/member.js', import.meta.url));

export const TEA = { id: 'us31tearoom8k2p', owner: '3f6c1a52-8f0e-4b7e-9d57-0d6a4f6f5b11', name: 'Tea rooms' };
// The same id and owner in one, of the new form and of the old.
export const TEA_PROJECTS = ['5aroom08k2pte-1vfv1Qw2xbZkskEAUFVT3h', `tearoom-08k2p-${TEA.owner}`];
export const DEN = { id: 'eu51cardden5q7r', owner: '9a0d4c3e-1b2f-4c5d-8e6f-7a8b9c0d1e2f', name: 'Den of cards' };

const configOf = (services) =>
  ['[skapi]', 'enabled = true']
    .concat(services.flatMap((service) => ['[[skapi.services]]', ...Object.entries(service).map(([key, value]) => `${key} = ${JSON.stringify(value)}`)]))
    .join('\n');

export class World {
  #folder = mkdtempSync(join(tmpdir(), 'pipit-skapi-'));
  #members = [];
  server;
  site;
  browser;
  // How members find the server unless told otherwise.
  way;

  // `way` is "?" or "#", over https, or "planted", over http.
  static async start({ way, services = [TEA], settings = {} }) {
    const world = new World();
    world.way = way;
    const tls = way === 'planted' ? undefined : world.#certificate();
    const scheme = tls ? 'wss' : 'ws';
    world.server = await Server.start(scheme, settings, { config: configOf(services), tls });
    world.site = await AppSite.start(world.server, { '/skapi': () => people + calls + client + member });
    world.browser = await launch('chromium', { authority: tls?.authority });
    return world;
  }

  async stop() {
    await this.browser?.close();
    this.site?.stop();
    await this.server?.stop();
    rmSync(this.#folder, { recursive: true });
  }

  // One of an authority that nobody knows but the browser of this world.
  #certificate() {
    const authority = new CertificateAuthority(this.#folder);
    const { certificate: own, key } = authority.issue();
    const [keyFile, certificateFile] = ['tls.key', 'tls.crt'].map((name) => join(this.#folder, name));
    const certificate = own + authority.certificate;
    writeFileSync(keyFile, key, { mode: 0o600 });
    writeFileSync(certificateFile, certificate);
    return { keyFile, certificateFile, certificate, authority: authority.certificate };
  }

  // What `pipit token --skapi` prints.
  tokens(user, { service = TEA, admin = false, name, ttl } = {}) {
    const flags = ['--user', user, '--service', service.id, '--owner', service.owner];
    if (admin) flags.push('--admin');
    if (name) flags.push('--name', name);
    if (ttl) flags.push('--ttl', ttl);
    return JSON.parse(this.server.print('token', '--skapi', ...flags));
  }

  // The server's STUN, which the client must be told: it would ask the hosted one.
  get ice() {
    return `stun:${new URL(this.server.origin).host}`;
  }

  // Somebody who has signed in, unless `tokens` is null: the page, with `user`. `at` is where the server is reached, `project`
  // what the client is told in the place of the service's id and owner.
  async member({ service = TEA, project, way = this.way, user = randomUUID(), at = this.server.origin, tokens, ...claims } = {}) {
    const context = await this.browser.createBrowserContext();
    // Cameras are for pages of https and of this name.
    const page = await openPage(context, `${this.site.origin.replace('http://127.0.0.1', 'http://localhost')}/skapi`);
    this.#members.push(page);
    const signed = tokens === undefined ? this.tokens(user, { service, ...claims }) : tokens;
    const options = { server: at, way, service: service.id, owner: service.owner, project, tokens: signed };
    return Object.assign(page, { options }, await page.evaluate((given) => enter(given), options));
  }

  // The same, connected and in the group; with `cid`.
  async guest(group, options) {
    const page = await this.member(options);
    await page.evaluate(async (name) => {
      await me.connect();
      await me.join(name);
    }, group);
    return Object.assign(page, { cid: await page.evaluate(() => me.cid) });
  }

  // So many of them, who have forgotten all they were told so far.
  async party(group, count, options) {
    const guests = [];
    for (let index = 0; index < count; index++) guests.push(await this.guest(group, options));
    const joined = (others) => eventually(() => others.every((cid) => me.told.some(({ sender_cid }) => sender_cid === cid)));
    await Promise.all(guests.map((guest, index) => guest.evaluate(joined, guests.slice(index + 1).map(({ cid }) => cid))));
    await Promise.all(guests.map((guest) => guest.evaluate(() => void (me.told.length = 0))));
    return guests;
  }

  // Everyone goes; for the next test, in which nobody hears of it any more.
  async part() {
    const leave = async (page) => {
      await page.evaluate(() => part());
      await page.browserContext().close();
    };
    await Promise.all(this.#members.splice(0).map(leave));
  }
}

// The same while the tests around it run; with `afterEach` everyone has gone after each. Returns a function that gives it.
export function inWorld({ before, after, afterEach }, options) {
  let world;
  before(async () => (world = await World.start(options)));
  afterEach?.(() => world?.part());
  after(() => world?.stop());
  return () => world;
}
