// Takes the pictures of the playground that the documentation shows: node screenshots.mjs
import { fileURLToPath } from 'node:url';
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
const PICTURES = [
  { name: 'playground', scheme: 'light', viewport: DESK, talk: TALK },
  { name: 'playground-dark', scheme: 'dark', viewport: DESK, talk: TALK },
  { name: 'playground-phone', scheme: 'light', viewport: PHONE, talk: TALK.slice(0, 2) },
];

const part = (who, testid) => `[data-testid="person-${who}"] [data-testid="${testid}"]`;

const hasMany = (selector, count) => document.querySelectorAll(selector).length === count;

async function take(browser, server, { name, scheme, viewport, talk }) {
  const page = await openPage(browser, 'about:blank');
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(server.origin);
  for (const who of [1, 2]) await until(page, (selector) => document.querySelector(selector)?.disabled === false, part(who, 'leave'));
  for (const [index, [who, form, text]] of talk.entries()) {
    await page.$eval(part(who, `${form}-input`), (input, value) => void (input.value = value), text);
    await page.$eval(part(who, `${form}-form`), (element) => element.requestSubmit());
    for (const eye of [1, 2]) await until(page, hasMany, part(eye, 'bubble'), index + 1);
  }
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  const path = fileURLToPath(new URL(`${name}.png`, FOLDER));
  await page.screenshot({ path });
  await page.close();
  console.log(path);
}

const server = await Server.start('ws');
const browser = await launch('chromium');
try {
  for (const picture of PICTURES) await take(browser, server, picture);
} finally {
  await browser.close();
  await server.stop();
}
