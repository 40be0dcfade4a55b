// The server is killed at random moments while notifications go out: whatever it has acknowledged arrives.
//
//   node --test tests/push/kill_test.mjs                       two kills over each database
//   node tests/push/kill_test.mjs --database postgresql --kills 20 --browsers 200 --notifications 10000 [--seed N]
//
// The seed decides what is sent to whom and when the server dies, and each run prints its own; what happens to be on
// the disk and on the wire at that moment is the machine's business.
import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CertificateAuthority } from '../integration/support/certificates.mjs';
import { temporaryFolder } from '../integration/support/program.mjs';
import { Browser } from './browser.mjs';
import { startPostgresql } from './postgresql.mjs';
import { ok, signInAdmin, startPusher, subscribe, titled } from './pusher.mjs';
import { PushService } from './service.mjs';

const { values: options } = parseArgs({
  options: {
    database: { type: 'string', default: 'sqlite,postgresql' },
    kills: { type: 'string', default: '2' },
    browsers: { type: 'string', default: '20' },
    notifications: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
});
const [kills, browserCount, notifications, seed] = ['kills', 'browsers', 'notifications', 'seed'].map((name) =>
  Number(options[name]),
);
const atOnce = 64; // commands that wait for their answers

// mulberry32: numbers from 0 to less than `below`.
function randomFrom(state) {
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const busy = () => Array.from({ length: notifications }, (_, index) => `/status/${index % 2 === 0 ? 503 : 201}`);

const folder = temporaryFolder({ after });
const tls = new CertificateAuthority(folder).issue();

const settings = {
  'push.confirm_timeout_ms': 500,
  'push.notifications_max': 1_000_000,
  'push.notifications_per_author_max': 1_000_000,
  // One admin posts as fast as the server answers, and each notification counts as ten commands.
  'limits.commands_per_second': 1_000_000,
  'limits.commands_burst': 1_000_000,
};
const inFlightMax = 512; // of a process: twice push.in_flight_max

// How a device is there: away, connected and dumb, or connected.
const ways = ['away', 'away', 'dumb', 'here'];

class Run {
  acknowledged = new Set(); // the numbers of the notifications that were
  unanswered = 0;
  pushed = new Map(); // how often each number has come from the push service
  told = new Set(); // the numbers of posts that came over a connection
  #scanned = 0;
  #number = 0;
  #stop = () => {};

  constructor(random, service, settings, data) {
    Object.assign(this, { random, service, settings, data });
    this.devices = Array.from({ length: browserCount }, (_, index) => ({
      user: randomUUID(),
      way: ways[index % ways.length],
      // The service of every fifth is busy now and then.
      browser: new Browser(service, { answers: index % 5 === 0 ? busy() : undefined }),
    }));
    this.browserAt = new Map(this.devices.map(({ browser }) => [browser.path, browser]));
  }

  // One process of the server after another has the same data.
  async start() {
    const life = { after: (stop) => (this.#stop = stop) };
    const { service, settings, data } = this;
    this.server = await startPusher(life, { ca: join(folder, 'ca.pem'), services: [service], settings, data });
    this.admin = await signInAdmin(this.server, randomUUID());
    this.isDead = false;
    for (const device of this.devices) await this.#connect(device);
  }

  stop() {
    return this.#stop();
  }

  // Sends notifications until `count` more are acknowledged, or until the server is killed: `delayMs` after `killAfter`
  // of them were.
  async send(count, { killAfter = Infinity, delayMs = 0 } = {}) {
    const before = this.acknowledged.size;
    let killed;
    const sender = async () => {
      while (this.acknowledged.size < before + count && !this.isDead) {
        await this.#sendOne();
        if (this.acknowledged.size >= before + killAfter) killed ??= this.#kill(delayMs);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, sender));
    if (killAfter !== Infinity) await killed;
  }

  // Resolves when everything that was acknowledged has arrived; rejects with the numbers that have not.
  async arrived(ms) {
    const deadline = performance.now() + ms;
    for (;;) {
      this.#scan();
      const missing = [...this.acknowledged].filter((number) => !this.pushed.has(number) && !this.told.has(number));
      if (missing.length === 0) return;
      assert.ok(performance.now() < deadline, `${missing.length} are missing: ${missing.slice(0, 20)}`);
      await setTimeout(50);
    }
  }

  // To be asked after stop().
  get figures() {
    this.#scan();
    const numbers = [...this.acknowledged];
    return {
      acknowledged: numbers.length,
      arrived: numbers.filter((number) => this.pushed.has(number) || this.told.has(number)).length,
      pushed_twice: [...this.pushed.values()].filter((times) => times > 1).length,
      told_and_pushed: [...this.told].filter((number) => this.pushed.has(number)).length,
      unanswered: this.unanswered,
    };
  }

  async #connect({ user, way, browser }) {
    const isFirst = this.#number === 0;
    if (way === 'away' && !isFirst) return;
    const client = await this.server.signIn(user, { answersHeartbeats: way === 'here' });
    if (isFirst) await subscribe(client, browser);
    if (way === 'away') await client.close();
    else void this.#listen(client, way);
  }

  async #listen(client, way) {
    for (;;) {
      try {
        const { ev, data } = await client.event();
        if (ev === 'private' && way === 'here') this.told.add(data);
      } catch (error) {
        if (!/nothing within/.test(error.message)) return;
      }
    }
  }

  async #sendOne() {
    const number = (this.#number += 1);
    const { user } = this.devices[this.random(this.devices.length)];
    const notification = titled(String(number));
    const command =
      this.random(2) === 0
        ? { op: 'push', notification, users: [user] }
        : { op: 'post', to: { user }, data: number, notification };
    try {
      const { error } = await this.admin.request(command);
      assert.ok(!error, `the ${command.op} of notification ${number} was refused: ${JSON.stringify(error)}`);
      this.acknowledged.add(number);
    } catch (error) {
      if (!/was closed/.test(error.message)) throw error;
      this.unanswered += 1;
      this.isDead = true;
    }
  }

  async #kill(delayMs) {
    await setTimeout(delayMs);
    this.server.signal('SIGKILL');
    assert.equal(await this.server.exited(), 'SIGKILL');
    this.isDead = true;
  }

  #scan() {
    for (; this.#scanned < this.service.requests.length; this.#scanned += 1) {
      const { path, body, did } = this.service.requests[this.#scanned];
      if (did !== '/status/201') continue;
      const number = Number(this.browserAt.get(path).read(body).title);
      this.pushed.set(number, (this.pushed.get(number) ?? 0) + 1);
    }
  }
}

for (const database of options.database.split(',')) {
  test(`what was acknowledged arrives although the server is killed, over ${database}`, async (t) => {
    const random = randomFrom(seed);
    // All drawn before anything happens, so that they are the same for a seed.
    const share = Math.floor(notifications / (kills + 1));
    const deaths = Array.from({ length: kills }, () => ({ killAfter: 1 + random(share), delayMs: random(40) }));
    const service = await PushService.start(tls);
    t.after(() => service.close());
    const all = { ...settings };
    if (database === 'postgresql') {
      const postgresql = await startPostgresql();
      t.after(() => postgresql.stop());
      all['push.database'] = postgresql.url;
    }
    const run = new Run(random, service, all, temporaryFolder(t));
    const began = performance.now();
    let hasSentAll = false;
    try {
      for (const death of deaths) {
        await run.start();
        await run.send(share, death);
      }
      await run.start();
      await run.send(notifications - run.acknowledged.size);
      hasSentAll = true;
      await run.arrived(120_000);
    } finally {
      await run.stop();
      const seconds = Math.round((performance.now() - began) / 100) / 10;
      const { figures } = run;
      // When something else went wrong before, nobody has waited for what was on its way: it is not missing.
      const verdict = hasSentAll ? { missing: figures.acknowledged - figures.arrived } : { cut_short: true };
      t.diagnostic(JSON.stringify({ database, seed, kills, browsers: browserCount, ...figures, ...verdict, seconds }));
    }
    assert.ok(run.figures.acknowledged >= notifications);
    assert.ok(run.figures.pushed_twice <= kills * inFlightMax, 'more came twice than can have been in flight');
  });
}
