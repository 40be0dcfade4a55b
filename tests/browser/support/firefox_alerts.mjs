// The windows in which Firefox shows notifications where the system has nothing for that. The browser must have been
// started with system access, as only its own windows may be looked into then.

export class FirefoxAlerts {
  #connection;

  constructor(browser) {
    this.#connection = browser.connection;
  }

  // The notification with this title, once it is on the screen: { title, body, icon }.
  notification(title) {
    return this.#inBrowser(alertWith, title, ({ document }) => ({
      title: document.getElementById('alertTitleLabel').value,
      body: document.getElementById('alertTextLabel').textContent,
      icon: document.getElementById('alertImage').getAttribute('src'),
    }));
  }

  // Clicks on it.
  click(title) {
    return this.#inBrowser(alertWith, title, ({ document }) => void document.getElementById('alertBox').click());
  }

  // What `pick` makes of what `find` finds.
  async #inBrowser(find, argument, pick) {
    const { result: tree } = await this.#connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
    const { context } = tree.contexts.find(({ url }) => url === 'chrome://browser/content/browser.xhtml');
    const expression = `(${find})(${JSON.stringify(argument)}).then((found) => JSON.stringify((${pick})(found)))`;
    const { result } = await this.#connection.send('script.evaluate', { expression, target: { context }, awaitPromise: true });
    if (result.type === 'exception') throw new Error(result.exceptionDetails.text);
    return result.result.value === undefined ? undefined : JSON.parse(result.result.value);
  }
}

// ---- in Firefox itself ----

function alertWith(title) {
  const isIt = (alert) => alert.gIsActive && alert.document.getElementById('alertTitleLabel').value === title;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(finish, 10_000, reject, new Error(`Firefox never showed ${title}.`));
    const listener = {
      onOpenWindow: ({ docShell }) => docShell.domWindow.addEventListener('AlertActive', look, { once: true }),
      onCloseWindow() {},
    };
    Services.wm.addListener(listener);
    look();
    function look() {
      const found = [...Services.wm.getEnumerator('alert:alert')].find(isIt);
      if (found) finish(resolve, found);
    }
    function finish(settle, value) {
      clearTimeout(timer);
      Services.wm.removeListener(listener);
      settle(value);
    }
  });
}
