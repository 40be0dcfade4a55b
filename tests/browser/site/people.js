// What the tests find in a page: persons, each a client that remembers everything it was told.

const EVENT_DEADLINE_MS = 10_000;
const clock = { set: setTimeout.bind(window), clear: clearTimeout.bind(window) };

class Person {
  told = [];
  #watchers = new Set();

  constructor(user = crypto.randomUUID(), options = {}) {
    this.user = user;
    this.hear = (event) => {
      this.told.push(event);
      for (const look of this.#watchers) look();
    };
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

  // The first event of this kind that was told, or will be: by its type, or by any function.
  first(wanted) {
    const matches = typeof wanted === 'function' ? wanted : (event) => event.type === wanted;
    return new Promise((resolve, reject) => {
      const look = () => {
        const event = this.told.find(matches);
        if (event) finish(resolve, event);
      };
      const timer = clock.set(
        () => finish(reject, new Error(`${wanted} was not among ${JSON.stringify(this.told)}`)),
        EVENT_DEADLINE_MS,
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

  heard(message) {
    return this.first((event) => event.message === message);
  }

  // Takes the connection away under the client, and waits until it knows.
  lose() {
    if (this.socket.readyState === WebSocket.CLOSED) return undefined;
    const gone = new Promise((resolve) => this.socket.addEventListener('close', resolve));
    this.socket.close();
    return gone;
  }
}

const people = {
  all: [],

  async connect(...names) {
    return Promise.all(names.map(() => new Person().connect()));
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
