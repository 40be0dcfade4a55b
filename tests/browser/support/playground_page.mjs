// The playground as a person uses it.
import { openPage, until } from './browsers.mjs';

export const [ANN, BEN] = [1, 2];
export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 800 };

// How a browser tells the developer about a connection that was lost or could not be had.
export const LINE_COMPLAINT = /WebSocket|can’t establish a connection|was interrupted/;

export const part = (who, testid) => `[data-testid="person-${who}"] [data-testid="${testid}"]`;
export const byId = (testid) => `[data-testid="${testid}"]`;

// `page.violations()` are what the page's policy has forbidden.
export async function openPlayground(browser, url) {
  const page = await openPage(browser, url, { onNewDocument: watchPolicy });
  page.violations = () => page.evaluate(() => window.violations);
  await page.setViewport(DESK);
  return page;
}

// ---- in the page ----

function watchPolicy() {
  window.violations = [];
  addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
}

// An element of `selector` that shows `text`.
export const sees = (selector, text) => [...document.querySelectorAll(selector)].some((element) => element.textContent.includes(text));

export const inState = (selector, state) => document.querySelector(selector)?.dataset.state === state;

// ---- what a person does ----

// Connected, and in a group.
export async function online(page, who) {
  await until(page, inState, part(who, 'state'), 'online');
  await until(page, (selector) => !document.querySelector(selector).disabled, part(who, 'leave'));
}

export const idOf = (page, who) =>
  page.$eval(part(who, 'copy-id'), ({ title }) => title.replace('Copy the user id ', ''));

export async function fill(page, selector, text) {
  await page.$eval(selector, (input) => void (input.value = ''));
  await page.type(selector, text);
}

export async function say(page, who, text) {
  await fill(page, part(who, 'message-input'), text);
  await page.keyboard.press('Enter');
}

// The page may be behind another one.
export async function join(page, who, group) {
  await page.$eval(part(who, 'group-input'), (input, name) => void (input.value = name), group);
  await page.$eval(part(who, 'join-form'), (form) => form.requestSubmit());
  await until(page, sees, part(who, 'line'), `You joined ${group}`);
}

// Closes a window whose person has hung up before: nobody waits for somebody who may come back. It may be behind
// another one.
export async function leave(page) {
  await page.$eval(part(ANN, 'toggle'), (button) => button.click());
  await until(page, inState, part(ANN, 'state'), 'offline');
  await page.close();
}
