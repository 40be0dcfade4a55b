// Takes the pictures of the playground that the documentation shows: node screenshots.mjs
import { fileURLToPath } from 'node:url';
import { Pipit } from '../../clients/js/dist/node.mjs';
import { launch, openPage, until } from './support/browsers.mjs';
import { Server } from './support/server.mjs';

const FOLDER = new URL('../../docs/images/', import.meta.url);
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true };
// [who, in which form, what]
const TALK = [
  [1, 'message', 'Hello Ben, can you hear me?'],
  [2, 'message', 'Loud and clear. Over one WebSocket each, I am told.'],
  [2, 'private', 'Cleo’s cake is at four. Don’t tell her.'],
  [1, 'private', 'My lips are sealed 🤐'],
];
// Who is around besides Ann and Ben: by group the windows of each.
const AROUND = { lobby: { Cleo: 2 }, chess: { Dora: 1, Emil: 1 }, 'tea room': { Fay: 1, Gus: 3, Hana: 1, Ida: 1, Jon: 1 } };
const PICTURES = [
  { name: 'playground', scheme: 'light', viewport: DESK, talk: TALK },
  { name: 'playground-dark', scheme: 'dark', viewport: DESK, talk: TALK },
  { name: 'playground-phone', scheme: 'light', viewport: PHONE, talk: TALK.slice(0, 2) },
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

async function take(browser, server, names, { name, scheme, viewport, talk }) {
  const callThem = (known) => localStorage.setItem('pipit.playground.names', known);
  const page = await openPage(browser, 'about:blank');
  await page.evaluateOnNewDocument(callThem, JSON.stringify(names));
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(server.origin);
  for (const who of [1, 2]) await until(page, (selector) => document.querySelector(selector)?.disabled === false, part(who, 'leave'));
  for (const [index, [who, form, text]] of talk.entries()) {
    await page.$eval(part(who, `${form}-input`), (input, value) => void (input.value = value), text);
    await page.$eval(part(who, `${form}-form`), (element) => element.requestSubmit());
    for (const eye of [1, 2]) await until(page, hasMany, part(eye, 'bubble'), index + 1);
  }
  await page.$eval(part(1, 'lobby'), (details) => void (details.open = true));
  for (const who of [1, 2]) {
    await until(page, hasMany, part(who, 'group'), Object.keys(AROUND).length);
    await until(page, hasMany, part(who, 'member'), 3);
  }
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  const path = fileURLToPath(new URL(`${name}.png`, FOLDER));
  await page.screenshot({ path });
  for (const who of [1, 2]) await page.$eval(part(who, 'toggle'), (button) => button.click());
  for (const who of [1, 2]) await until(page, (selector) => document.querySelector(selector).dataset.state === 'offline', part(who, 'state'));
  await page.close();
  console.log(path);
}

const server = await Server.start('ws');
const browser = await launch('chromium');
try {
  const [clients, names] = await invite(server);
  for (const picture of PICTURES) await take(browser, server, names, picture);
  for (const client of clients) await client.closeRealtime();
} finally {
  await browser.close();
  await server.stop();
}
