// What the tests find in a page: persons, each a client that remembers everything it was told, and lists that they watch. DEADLINE_MS
// is the page's: no wait in it is longer.

// The close code of a client that drops its connection to open another.
const COMING_BACK = 4007;
const clock = { set: setTimeout.bind(window), clear: clearTimeout.bind(window) };

// Remembers what it is told.
class Listener {
  told = [];
  #watchers = new Set();

  hear = (event) => {
    // It depends on all else that was ever sent to the group or the user.
    delete event.offset;
    this.told.push(event);
    for (const look of this.#watchers) look();
  };

  // The first of what was told, or will be, that is as wanted.
  firstThat(matches) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const event = this.told.find(matches);
        if (event) finish(resolve, event);
      };
      const timer = clock.set(
        () => finish(reject, new Error(`${matches} was true of none of ${JSON.stringify(this.told)}`)),
        DEADLINE_MS,
      );
      const finish = (settle, value) => {
        clock.clear(timer);
        this.#watchers.delete(look);
        settle(value);
      };
      this.#watchers.add(look);
      look();
    });
  }

  // The first event of this kind: by its type, or by any function.
  first(wanted) {
    return this.firstThat(typeof wanted === 'function' ? wanted : (event) => event.type === wanted);
  }
}

class Person extends Listener {
  constructor(user = crypto.randomUUID(), options = {}) {
    super();
    this.user = user;
    const getToken = () => fetch(`/token?user=${encodeURIComponent(user)}`).then((response) => response.text());
    this.pipit = new Pipit({ getToken, ...options });
    people.all.push(this);
  }

  async connect() {
    this.socket = await this.pipit.connectRealtime(this.hear);
    this.cid = this.pipit.user.cid;
    return this;
  }

  join(group) {
    return this.pipit.joinRealtime({ group });
  }

  post(message, recipient) {
    return this.pipit.postRealtime(message, recipient);
  }

  heard(message) {
    return this.first((event) => event.message === message);
  }

  // Takes the connection away under the client, and waits until it knows. To the server it is lost, not left.
  lose() {
    if (this.socket.readyState === WebSocket.CLOSED) return undefined;
    const gone = new Promise((resolve) => this.socket.addEventListener('close', resolve));
    this.socket.close(COMING_BACK);
    return gone;
  }

  // Watches "Groups" or "Users".
  async watch(list, params, options) {
    const watched = new Watched();
    watched.watch = await this.pipit[`watchRealtime${list}`](params, watched.hear, options);
    return watched;
  }
}

// A watched list; what it is told are its changes.
class Watched extends Listener {
  // The change after which the list is as wanted: compared as JSON.
  shows(wanted) {
    return this.firstThat(({ list }) => JSON.stringify(list) === JSON.stringify(wanted));
  }
}

const people = {
  all: [],

  async connect(...names) {
    return Promise.all(names.map(() => new Person().connect()));
  },

  // One person more for each number of a group: { tea: 2 } are two in "tea". By group.
  async fill(groups) {
    const members = Object.entries(groups).map(async ([group, count]) => {
      const newcomers = await people.connect(...Array(count).fill(group));
      for (const person of newcomers) await person.join(group);
      return [group, newcomers];
    });
    return Object.fromEntries(await Promise.all(members));
  },

  // Everyone goes; for the next test.
  async part() {
    await Promise.all(this.all.splice(0).map((person) => person.pipit.closeRealtime()));
  },
};

// What a call was refused with; fails when it was not.
async function refusal(call) {
  try {
    await call();
  } catch ({ name, code, message, reason }) {
    return { name, code, message, reason };
  }
  throw new Error('The call was not refused.');
}

// Timers that are set from now on never ring: what comes back all the same, came back at once.
function stopTheClock() {
  window.setTimeout = () => 0;
}

// How many timers that are set from now on still wait.
function countTimers() {
  const waiting = new Set();
  window.setTimeout = (callback, afterMs) => {
    const timer = clock.set(() => (waiting.delete(timer), callback()), afterMs);
    waiting.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => (waiting.delete(timer), clock.clear(timer));
  return () => waiting.size;
}
