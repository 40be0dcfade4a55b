import { createHash, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';
import { deadlineMs } from '../../integration/support/deadline.mjs';

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Calls: who has pressed no button yet hears, too.
  '--autoplay-policy=no-user-gesture-required',
];
// A camera and a microphone that are there on any machine, and need no asking.
const CHROMIUM_DEVICES = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

// Firefox cannot be told in a running page which colours a reader prefers, so there it is dark from the start.
const FIREFOX_SETTINGS = {
  // The address of every interface, as somebody may well type it who has told the server to listen there.
  'network.socket.ip_addr_any.disabled': false,
  'layout.css.prefers-color-scheme.content-override': 0,
  'media.autoplay.default': 0,
  'media.navigator.permission.disabled': true,
  // The tests' relay listens on 127.0.0.1, and nobody hides addresses from a test.
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
};
const FIREFOX_DEVICES = { 'media.navigator.streams.fake': true };
// Notifications need no asking and are shown in windows of Firefox's own, which FirefoxSystem looks into.
const firefoxPush = (serviceUrl) => ({
  'dom.push.serverURL': serviceUrl,
  'dom.push.connection.enabled': true,
  'dom.push.testing.allowInsecureServerURL': true,
  'dom.push.retryBaseInterval': 100, // ms from the loss of a connection to the next
  'permissions.default.desktop-notification': 1,
  'alerts.useSystemBackend': false,
  'focusmanager.testmode': false, // in which no page comes to the front
});

const browsers = {
  chromium: ({ hasDevices, environment, authority }) => ({
    browser: 'chrome',
    executablePath: found('/usr/bin/chromium', '/usr/bin/google-chrome'),
    args: [
      ...CHROMIUM_FLAGS,
      ...(hasDevices ? CHROMIUM_DEVICES : []),
      ...(authority ? [`--ignore-certificate-errors-spki-list=${keyHash(authority)}`] : []),
    ],
    env: { ...process.env, ...environment },
  }),
  firefox: ({ hasDevices, pushService }) => ({
    browser: 'firefox',
    executablePath: found('/usr/bin/firefox-esr', '/usr/bin/firefox'),
    args: pushService ? ['-remote-allow-system-access'] : [],
    extraPrefsFirefox: {
      ...FIREFOX_SETTINGS,
      ...(hasDevices ? FIREFOX_DEVICES : {}),
      ...(pushService ? firefoxPush(pushService) : {}),
    },
  }),
};
// Longer than any wait in a page.
const CALL_DEADLINE_MS = 2 * deadlineMs;

function found(...paths) {
  const path = paths.find(existsSync);
  if (!path) throw new Error(`None of ${paths.join(', ')} is there: apt-get install chromium firefox-esr`);
  return path;
}

// As browsers know a key: by the SHA-256 of what a certificate (PEM) says of it.
function keyHash(certificate) {
  const { publicKey } = new X509Certificate(certificate);
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
}

// Starts a browser without a window that takes the tests' own certificate. `name` is "chromium" or "firefox". Its camera and
// microphone are made up; with `hasDevices: false` it has the machine's, which has none where tests run. `environment` is
// what Chromium has beside ours, `pushService` the address of the one that Firefox uses. With `authority`, a certificate (PEM),
// Chromium takes those only that come with it.
export function launch(name, { hasDevices = true, environment, pushService, authority } = {}) {
  const options = browsers[name]({ hasDevices, environment, pushService, authority });
  return puppeteer.launch({ ...options, headless: true, acceptInsecureCerts: !authority, timeout: CALL_DEADLINE_MS, protocolTimeout: CALL_DEADLINE_MS });
}

// A tab of a browser, or of a context of one, at `url` that keeps what a developer would see go wrong in `page.complaints`.
// `onNewDocument` runs before its scripts.
export async function openPage(browser, url, { onNewDocument } = {}) {
  const page = await browser.newPage();
  if (onNewDocument) await page.evaluateOnNewDocument(onNewDocument);
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) page.complaints.push(message.text());
  });
  await page.goto(url);
  return page;
}

// Resolves with what `check(...args)` returns in the page, once that is true. It looks again whenever the document changes.
// Nothing here needs eval, which the playground's policy forbids.
export function until(page, check, ...args) {
  return page.evaluate(`new Promise((resolve, reject) => {
    const check = () => (${check})(...${JSON.stringify(args)});
    const observer = new MutationObserver(look);
    const timer = setTimeout(() => {
      observer.disconnect();
      reject(new Error(${JSON.stringify(`Never true: ${check} of ${JSON.stringify(args)}`)}));
    }, ${deadlineMs});
    function look() {
      const value = check();
      if (!value) return;
      clearTimeout(timer);
      observer.disconnect();
      resolve(value);
    }
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
  })`);
}
