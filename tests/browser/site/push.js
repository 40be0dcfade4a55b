// A page that has notifications enabled, and what its service worker tells it.
const worker = new Listener();
navigator.serviceWorker.addEventListener('message', ({ data }) => worker.hear(data));
navigator.serviceWorker.startMessages();
let me;

// Returns the subscription that the browser then has.
async function enablePush(user, options) {
  me = new Person(user);
  return (await me.pipit.enablePush(options))?.toJSON() ?? null;
}

// What the worker was told to show, and nobody has closed yet.
const shown = async () => (await navigator.serviceWorker.ready).getNotifications();
const titles = async () => (await shown()).map(({ title }) => title);

async function closeAll() {
  for (const notification of await shown()) notification.close();
}

// Nothing is left of any of it.
async function disablePush(user) {
  await closeAll();
  await new Person(user).pipit.disablePush();
}

// Resolves once this page is the one in front ("visible"), or is behind another ("hidden").
function whenItIs(state) {
  return new Promise((resolve, reject) => {
    const timer = clock.set(() => reject(new Error(`This page was never ${state}.`)), DEADLINE_MS);
    const look = () => {
      if (document.visibilityState !== state) return;
      document.removeEventListener('visibilitychange', look);
      clock.clear(timer);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    look();
  });
}
