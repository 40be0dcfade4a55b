// Firefox’s own windows and network. The browser must have been started with system access.
import { deadlineMs, within } from '../../integration/support/deadline.mjs';

const MAIN_WINDOW = 'chrome://browser/content/browser.xhtml';

export class FirefoxSystem {
  #connection;

  constructor(browser) {
    this.#connection = browser.connection;
  }

  // The notification with this title, once it is on the screen: { title, body }. Firefox shows it in a window where the
  // system has nothing for that; there are no buttons in it.
  async notification(title) {
    const body = await this.#run(alertWith, { title, deadlineMs }, ({ document }) => document.getElementById('alertTextLabel').textContent);
    return { title, body };
  }

  // Clicks on it.
  click(title) {
    return this.#run(alertWith, { title, deadlineMs }, ({ document }) => void document.getElementById('alertBox').click());
  }

  // Resolves with a function that waits for the status of the first answer to a request for this path from now on,
  // whoever in the browser makes it.
  async watchAnswer(path) {
    await this.#run(startWatching, path, () => undefined);
    return () => within(this.#run(watched, path, (status) => status), `an answer to a request for ${path}`);
  }

  // Ends the service worker of this origin outside of contexts, which the next event for it starts again.
  stopWorker(origin) {
    return this.#run(workerOf, origin, (worker) => void worker.terminateWorker());
  }

  // How often it was started so far.
  workerStarts(origin) {
    return this.#run(workerOf, origin, ({ launchCount }) => launchCount);
  }

  // What `pick` makes of what `run` resolves with.
  async #run(run, argument, pick) {
    const { result: tree } = await this.#connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
    const { context } = tree.contexts.find(({ url }) => url === MAIN_WINDOW);
    const expression = `(${run})(${JSON.stringify(argument)}).then((value) => JSON.stringify((${pick})(value)))`;
    const { result } = await this.#connection.send('script.evaluate', { expression, target: { context }, awaitPromise: true });
    if (result.type === 'exception') throw new Error(result.exceptionDetails.text);
    return result.result.value === undefined ? undefined : JSON.parse(result.result.value);
  }
}

// ---- in Firefox itself ----

// Looks again and again: a window that opens has a document before its own, and tells of nothing that outlives that one.
async function alertWith({ title, deadlineMs }) {
  const titleOf = ({ document }) => document.getElementById('alertTitleLabel')?.value;
  const end = Date.now() + deadlineMs;
  for (;;) {
    const alerts = [...Services.wm.getEnumerator('alert:alert')].filter(({ gIsActive }) => gIsActive);
    const found = alerts.find((alert) => titleOf(alert) === title);
    if (found) return found;
    if (Date.now() > end) throw new Error(`Firefox never showed ${title}, but ${JSON.stringify(alerts.map(titleOf))}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function startWatching(path) {
  const TOPIC = 'http-on-examine-response';
  window.watchedAnswer = new Promise((resolve) => {
    Services.obs.addObserver(function look(channel) {
      const { requestMethod, URI, responseStatus } = channel.QueryInterface(Ci.nsIHttpChannel);
      if (requestMethod === 'OPTIONS' || URI.filePath !== path) return;
      Services.obs.removeObserver(look, TOPIC);
      resolve(responseStatus);
    }, TOPIC);
  });
}

const watched = () => window.watchedAnswer;

async function workerOf(origin) {
  const manager = Cc['@mozilla.org/serviceworkers/manager;1'].getService(Ci.nsIServiceWorkerManager);
  const all = manager.getAllRegistrations();
  const registrations = Array.from({ length: all.length }, (_, index) => all.queryElementAt(index, Ci.nsIServiceWorkerRegistrationInfo));
  const isOurs = ({ scope, principal }) => scope === `${origin}/` && principal.originAttributes.userContextId === 0;
  return registrations.find(isOurs).activeWorker;
}
