// One run: members behind lines that fail, servers that die, observers without a line, and the record of it all.
import { randomUUID } from 'node:crypto';
import { Pipit } from '../../clients/js/dist/node.mjs';
import { Waiters } from '../integration/support/deadline.mjs';
import { temporaryFolder } from '../integration/support/program.mjs';
import { isCut, isRestart, planFaults, strike } from './faults.mjs';
import { Line } from './line.mjs';
import { Member } from './member.mjs';
import { Observer } from './observer.mjs';
import { Order } from './order.mjs';
import { Random } from './random.mjs';
import { Servers } from './servers.mjs';

const settleMs = 120_000; // for everybody to come back once all is well; with the back-off of clients up to 20 s
const window = 100; // events kept in memory, of a group and of a user

const settings = {
  'server.workers': 2,
  'limits.commands_per_second': 2_000,
  'limits.commands_burst': 4_000,
  'limits.connections_per_address_max': 100_000,
  'heartbeat.ping_interval_ms': 3_000,
  'heartbeat.pong_timeout_ms': 3_000,
  'presence.grace_ms': 1_000,
  'drain.spread_ms': 300,
  'drain.timeout_ms': 3_000,
  'history.messages_max': window,
  'history.user_messages_max': window,
  'history.group_bytes_max': 16 * 2 ** 20,
  'history.user_bytes_max': 16 * 2 ** 20,
  'history.age_max_s': 3_600,
  'history.durable_groups': 'kept *',
  'history.durable_messages_max': 10_000_000,
};

export class Run {
  #options;
  #servers;
  #lines = [];
  #members = [];
  #observers = [];
  #faults;
  #waiters = new Waiters();
  #restarting = Promise.resolve();
  #failed = null;

  order = new Order();
  deliveries = 0;
  isEnding = false;
  struck = { cuts: 0, restarts: 0, others: 0 };

  // options: { seed, deliveries, cuts, restarts, members, groups: how many of each kind, paceMs: mean time between two acts
  // of a member }
  constructor(options) {
    const { seed, members, groups } = (this.#options = options);
    const random = new Random(seed, 'names');
    this.seed = seed;
    this.paceMs = options.paceMs;
    this.#faults = planFaults(options);
    this.groups = Array.from({ length: 2 * groups }, (_, index) => `${index % 2 ? 'kept' : 'memory'} ${index >> 1}`);
    // Every fourth member is a second device of the one before.
    this.users = Array.from({ length: Math.ceil((members * 3) / 4) }, () => random.uuid());
    this.record = {
      order: this.order,
      findings: [],
      clients: [],
      posts: new Map(),
      arrivals: new Map(),
      generations: 0,
      isDurable: (stream) => stream.startsWith('#kept '),
      windowOf: () => window,
    };
  }

  get servers() {
    return this.#servers;
  }

  tokenFor(user) {
    return this.#token(user);
  }

  changed() {
    this.#waiters.changed();
  }

  onArrival(user, generation) {
    const { arrivals } = this.record;
    if (!arrivals.has(user)) arrivals.set(user, []);
    arrivals.get(user).push({ generation, atMs: performance.now() });
  }

  onDelivery() {
    this.deliveries += 1;
    while (this.#faults.length > 0 && this.#faults[0].at <= this.deliveries) this.#strike(this.#faults.shift());
  }

  // Resolves with the record. `t`: of node:test, or { after }.
  async play(t) {
    this.#servers = new Servers({ settings, flags: [], data: temporaryFolder(t) });
    t.after(() => this.#close());
    await this.#startServer();
    this.Pipit = Pipit;
    this.WebSocket = await this.#socketClass();
    for (const group of this.groups) this.#observers.push(new Observer(this, group, randomUUID()));
    for (const observer of this.#observers) observer.open();
    await this.#until(() => this.#observers.every(({ isLive }) => isLive), 'the observers to join');
    const lives = await this.#populate();
    const { deliveries } = this.#options;
    const playMs = 120_000 + 3 * deliveries; // three hundred deliveries a second on a bad day
    await this.#until(() => this.deliveries >= deliveries && this.#faults.length === 0, `${deliveries} deliveries`, playMs);
    await this.#settle(lives);
    this.record.generations = this.#servers.generation;
    this.record.clients = this.#members.map(({ name, user, chronicle }) => ({ name, user, chronicle }));
    return this.record;
  }

  // Where the seed's plan ends: all is well again, everybody comes back, and a last word goes to everybody.
  async #settle(lives) {
    this.isEnding = true;
    await this.#restarting;
    for (const line of this.#lines) line.clear();
    await this.#until(() => this.#members.every(({ isConnected }) => isConnected), 'everybody to come back', settleMs);
    for (const life of lives) await life;
    await this.#until(() => this.#observers.every(({ isLive }) => isLive), 'the observers to come back', settleMs);
    await this.#unlessStuck(() => this.#members.every(({ pending }) => pending === 0), 'every post to settle');
    for (const [index, observer] of this.#observers.entries()) {
      observer.post({ group: this.groups[index] }, `end.g${index}`);
    }
    for (const [index, user] of this.users.entries()) this.#observers[0].post({ user }, `end.u${index}`);
    const isTold = ({ user, group, lastWords }) =>
      lastWords.has(`end.g${this.groups.indexOf(group)}`) && lastWords.has(`end.u${this.users.indexOf(user)}`);
    await this.#unlessStuck(() => this.#members.every(isTold), 'the last word to reach everybody');
    await this.#unlessStuck(() => this.#observers.every(({ pending }) => pending === 0), 'the last answers');
  }

  async #populate() {
    const { members } = this.#options;
    const lives = [];
    for (let index = 0; index < members; index += 1) {
      const line = await Line.open(() => this.#servers.current);
      this.#lines.push(line);
      const member = new Member(this, index, this.users[(index >> 2) * 3 + Math.min(index % 4, 2)], line);
      this.#members.push(member);
      lives.push(member.live().catch((error) => this.#fail(error)));
    }
    return lives;
  }

  #strike(fault) {
    if (isRestart(fault)) {
      this.#restarting = this.#restarting.then(() => this.#restart(fault)).catch((error) => this.#fail(error));
      return;
    }
    // Whoever is meant, or the next one that has a connection.
    const count = this.#lines.length;
    const order = Array.from({ length: count }, (_, index) => (fault.member + index) % count);
    const line = this.#lines[order.find((index) => this.#lines[index].isLive) ?? order[0]];
    strike(line, fault);
    this.struck[isCut(fault) ? 'cuts' : 'others'] += 1;
  }

  async #restart({ what, waitMs, downMs }) {
    await new Promise((done) => setTimeout(done, waitMs));
    if (what === 'kill') await this.#servers.kill();
    else await this.#servers.drain();
    await new Promise((done) => setTimeout(done, downMs));
    await this.#startServer();
    this.struck.restarts += 1;
  }

  async #startServer() {
    await this.#servers.start();
    const { server } = this.#servers;
    this.#token = (user) => server.token(user);
  }

  #token;

  // The class that the SDK takes by itself in this Node.
  async #socketClass() {
    const { port } = this.#servers.current;
    const pipit = new Pipit({ url: `http://127.0.0.1:${port}`, token: this.tokenFor(randomUUID()) });
    const socket = await pipit.connectRealtime(() => {});
    await pipit.closeRealtime();
    return socket.constructor;
  }

  #fail(error) {
    this.#failed ??= error;
    this.changed();
  }

  #until(isSo, what, ms) {
    return this.#waiters.until(() => {
      if (this.#failed) throw this.#failed;
      return isSo() || undefined;
    }, what, ms);
  }

  // A finding instead of an error: the record shows who is stuck.
  async #unlessStuck(isSo, what) {
    try {
      await this.#until(isSo, what, settleMs);
    } catch (error) {
      if (this.#failed) throw error;
      this.record.findings.push({ kind: 'stuck', text: error.message });
    }
  }

  async #close() {
    for (const observer of this.#observers) observer.close();
    await Promise.all(this.#members.map((member) => member.close()));
    for (const line of this.#lines) line.close();
    if (this.#servers.current !== null) await this.#servers.drain();
  }
}
