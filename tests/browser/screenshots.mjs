// Takes the pictures of the playground that the documentation shows, each by day and by night: node screenshots.mjs
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pipit } from '../../clients/js/dist/node.mjs';
import { CertificateAuthority } from '../integration/support/certificates.mjs';
import { Browser as SubscribedBrowser } from '../push/browser.mjs';
import { PushService } from '../push/service.mjs';
import { launch, openPage, until } from './support/browsers.mjs';
import { installScenery } from './support/scenery.mjs';
import { Server } from './support/server.mjs';

const FOLDER = new URL('../../docs/images/', import.meta.url);
const DESK = { width: 1280, height: 800 };
// What the names of the pictures end with.
const SCHEMES = { light: '', dark: '-dark' };
// [who, in which form, what]
const TALK = [
  [1, 'message', 'Hello Ben, can you hear me?'],
  [2, 'message', 'Loud and clear. Over one WebSocket each, I am told.'],
  [2, 'private', 'Cleo’s cake is at four. Don’t tell her.'],
  [1, 'private', 'My lips are sealed 🤐'],
];
// Who is around besides Ann and Ben: by group the windows of each.
const AROUND = { lobby: { Cleo: 2 }, chess: { Dora: 1, Emil: 1 }, 'tea room': { Fay: 1, Gus: 3, Hana: 1, Ida: 1, Jon: 1 } };
const CALL_TALK = [
  [1, 'There is the lark again, can you hear it?'],
  [2, 'Better than the server can: it hears nothing of this.'],
];

const part = (who, testid) => `[data-testid="person-${who}"] [data-testid="${testid}"]`;

const hasMany = (selector, count) => document.querySelectorAll(selector).length === count;

// Connects those who are around. Returns [their clients, what the playground is to call them].
async function invite(server) {
  const clients = [];
  const names = [];
  for (const [group, people] of Object.entries(AROUND)) {
    for (const [name, windows] of Object.entries(people)) {
      const user = crypto.randomUUID();
      names.push([user, name]);
      for (let window = 0; window < windows; window++) {
        const pipit = new Pipit({ url: server.origin, getToken: () => server.sign(user) });
        await pipit.connectRealtime(() => {});
        await pipit.joinRealtime({ group });
        clients.push(pipit);
      }
    }
  }
  return [clients, names];
}

// The playground with Ann and Ben, both in the lobby. `names` is what it is to call those who are around.
async function open(browser, server, names, scheme, [prepare, ...values] = [() => {}]) {
  const callThem = (known) => localStorage.setItem('pipit.playground.names', known);
  const page = await openPage(browser, 'about:blank');
  await page.evaluateOnNewDocument(callThem, JSON.stringify(names));
  await page.evaluateOnNewDocument(installScenery);
  await page.evaluateOnNewDocument(prepare, ...values);
  await page.setViewport(DESK);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(server.origin);
  for (const who of [1, 2]) await until(page, (selector) => document.querySelector(selector)?.disabled === false, part(who, 'leave'));
  return page;
}

async function write(page, who, form, text) {
  await page.$eval(part(who, `${form}-input`), (input, value) => void (input.value = value), text);
  await page.$eval(part(who, `${form}-form`), (element) => element.requestSubmit());
}

const click = (page, who, testid) => page.$eval(part(who, testid), (button) => button.click());

const inState = (selector, state) => document.querySelector(selector)?.dataset.state === state;

async function save(page, name, scheme) {
  await page.evaluate(() => document.activeElement.blur());
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  const path = fileURLToPath(new URL(`${name}${SCHEMES[scheme]}.png`, FOLDER));
  await page.screenshot({ path });
  await page.$$eval('[data-testid="toggle"]', (buttons) => buttons.filter(({ textContent }) => textContent === 'Close').forEach((button) => button.click()));
  for (const who of [1, 2]) await until(page, inState, part(who, 'state'), 'offline');
  await page.close();
  console.log(path);
}

async function takeTalk(browser, server, names, scheme) {
  const page = await open(browser, server, names, scheme);
  for (const [index, [who, form, text]] of TALK.entries()) {
    await write(page, who, form, text);
    for (const eye of [1, 2]) await until(page, hasMany, part(eye, 'bubble'), index + 1);
  }
  await page.$eval(part(1, 'lobby'), (details) => void (details.open = true));
  for (const who of [1, 2]) {
    await until(page, hasMany, part(who, 'group'), Object.keys(AROUND).length);
    await until(page, hasMany, part(who, 'member'), 3);
  }
  await save(page, 'playground', scheme);
}

// Ann has called Ben, and a file is there.
async function takeCall(browser, server, names, scheme) {
  const page = await open(browser, server, names, scheme);
  await until(page, hasMany, part(1, 'member-call'), 2);
  await page.$$eval(part(1, 'member-call'), callBen);
  await until(page, inState, part(2, 'call'), 'ringing');
  await click(page, 2, 'call-answer');
  for (const who of [1, 2]) await until(page, inState, part(who, 'call'), 'connected');
  for (const [index, [who, text]] of CALL_TALK.entries()) {
    await until(page, (selector) => !document.querySelector(selector).disabled, part(who, 'call-send'));
    await write(page, who, 'call', text);
    for (const eye of [1, 2]) await until(page, hasMany, part(eye, 'bubble'), index + 1);
  }
  await page.$eval(part(2, 'file-input'), chooseFile);
  await until(page, inState, part(1, 'file'), 'offered');
  await click(page, 1, 'file-take');
  for (const who of [1, 2]) await until(page, inState, part(who, 'file'), 'done');
  for (const who of [1, 2]) await until(page, (selector) => document.querySelector(selector).textContent, part(who, 'call-path'));
  await save(page, 'call', scheme);
}

// Ben has closed his connection, and what Ann posts is pushed to this browser. What its worker gets then is brought by the
// DevTools, for Chromium knows no push service but its own.
async function takePush(browser, server, service, names, scheme) {
  await browser.defaultBrowserContext().overridePermissions(server.origin, ['notifications']);
  const subscribed = new SubscribedBrowser(service);
  const page = await open(browser, server, names, scheme, [subscribe, subscribed.subscription]);
  const devtools = await page.createCDPSession();
  const registered = new Promise((resolve) =>
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && resolve(registrations[0].registrationId)),
  );
  await devtools.send('ServiceWorker.enable');
  await page.$$eval('[data-testid="push-choice"]', (buttons) => buttons.find(({ textContent }) => textContent === 'Ben').click());
  await until(page, inState, '[data-testid="push"]', 'on');
  await page.$eval('[data-testid="push-close"]', (button) => button.click());
  await until(page, inState, part(2, 'state'), 'offline');
  await page.$eval('[data-testid="push-post"]', (button) => button.click());
  const [{ notification }] = await subscribed.has(1);
  await devtools.send('ServiceWorker.deliverPushMessage', {
    origin: server.origin,
    registrationId: await registered,
    data: JSON.stringify(notification),
  });
  await until(page, (selector) => document.querySelector(selector) !== null, '[data-testid="push-line"][data-what="shown"]');
  await page.$eval('#push', (card) => card.scrollIntoView());
  await save(page, 'push', scheme);
}

// ---- in the page ----

// In place of the browser's own push service, there is this subscription.
function subscribe({ endpoint, keys }) {
  const subscription = { endpoint, keys, toJSON: () => ({ endpoint, keys }), unsubscribe: async () => true };
  let current = null;
  PushManager.prototype.getSubscription = async () => current;
  PushManager.prototype.subscribe = async () => (current = subscription);
}

function callBen(buttons) {
  buttons.find((button) => button.parentElement.textContent.includes('Ben')).click();
}

function chooseFile(input) {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(4_200_000)], 'meadow at dawn.jpg'));
  input.files = files.files;
  input.dispatchEvent(new Event('change'));
}

const folder = mkdtempSync(join(tmpdir(), 'pipit-pictures-'));
const service = await PushService.start(new CertificateAuthority(folder).issue());
const server = await Server.start('ws', { 'push.allowed_hosts': service.host, 'push.ca_file': join(folder, 'ca.pem') });
const browser = await launch('chromium');
try {
  const [clients, names] = await invite(server);
  for (const scheme of Object.keys(SCHEMES)) {
    await takeTalk(browser, server, names, scheme);
    await takeCall(browser, server, names, scheme);
    await takePush(browser, server, service, names, scheme);
  }
  for (const client of clients) await client.closeRealtime();
} finally {
  await browser.close();
  await server.stop();
  service.close();
  rmSync(folder, { recursive: true });
}
