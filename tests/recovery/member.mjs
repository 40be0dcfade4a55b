// A client of the SDK as an application has it: joins, posts, switches, closes and comes back, all by its own random numbers.
import { setTimeout as pause } from 'node:timers/promises';
import { groupStream, messageEntry, noticeEntry, userStream } from './order.mjs';
import { Random } from './random.mjs';
import { tapped } from './tapped_socket.mjs';
import { Wire } from './wire.mjs';

const pendingMax = 64; // posts of one member without an answer
const acts = { group: 80, user: 12, move: 6, close: 2 };
const bytesOf = { small: 20, medium: 300, large: 6_000 };

export class Member {
  #run;
  #line;
  #random;
  #retries; // apart, for how often something is tried again is not the seed's
  #pipit;
  #posted = 0;
  #pending = 0;
  #group = null;
  #isOpen = false;

  chronicle = [];
  lastWords = new Set(); // ids of what was posted when all was over

  // run: see run.mjs. index: from 0, which names it and its random numbers.
  constructor(run, index, user, line) {
    this.#run = run;
    this.#line = line;
    this.#random = new Random(run.seed, `member ${index}`);
    this.#retries = new Random(run.seed, `retries ${index}`);
    this.name = `c${index}`;
    this.user = user;
    this.#pipit = new run.Pipit({
      url: `http://127.0.0.1:${line.port}`,
      getToken: () => run.tokenFor(user),
      WebSocket: tapped(run.WebSocket, () => this.#wire()),
    });
  }

  get group() {
    return this.#group;
  }

  get isConnected() {
    return this.#pipit.user !== null;
  }

  get pending() {
    return this.#pending;
  }

  // Goes on until run.isEnding; then it is connected and in a group.
  async live() {
    await this.#enter();
    while (!this.#run.isEnding) {
      await pause(this.#random.fraction() * 2 * this.#run.paceMs);
      if (this.#pending < pendingMax) await this.#act();
    }
  }

  close() {
    this.#note({ what: 'close' });
    return this.#pipit.closeRealtime();
  }

  async #enter() {
    const group = this.#random.pick(this.#run.groups);
    while (!(await this.#connect())) await pause(this.#retries.between(20, 200));
    await this.#join(group);
  }

  async #act() {
    const random = this.#random;
    const act = random.weighted(acts);
    if (act === 'group') for (let left = random.between(1, 4); left > 0; left -= 1) this.#post({ group: this.#group });
    else if (act === 'user') this.#post({ user: random.pick(this.#run.users) });
    else if (act === 'move') {
      if (random.below(4) === 0) {
        await this.#join(null);
        await pause(random.below(500));
      }
      await this.#join(random.pick(this.#run.groups.filter((group) => group !== this.#group)));
    } else {
      this.#note({ what: 'close' });
      this.#isOpen = false;
      await this.#pipit.closeRealtime();
      await pause(random.below(2_000));
      await this.#enter();
    }
  }

  // Whether it is there now.
  async #connect() {
    this.#note({ what: 'connect' });
    try {
      await this.#pipit.connectRealtime((rt) => this.#onEvent(rt));
      this.#isOpen = true;
      return true;
    } catch {
      return false;
    }
  }

  async #join(group) {
    for (;;) {
      this.#note({ what: 'join', group });
      try {
        await this.#pipit.joinRealtime({ group });
        break;
      } catch (error) {
        if (!error.retry) throw error;
        await pause(this.#retries.between(20, 200));
      }
    }
    this.#group = group;
  }

  #post(to) {
    const random = this.#random;
    const id = `${this.name}.${(this.#posted += 1)}`;
    const pad = 'x'.repeat(random.below(bytesOf[random.weighted({ small: 80, medium: 17, large: 3 })]));
    const stream = to.user ? userStream(to.user) : groupStream(to.group);
    const post = { stream, state: 'pending', reason: null, sentAtMs: 0, answers: [], madeAtMs: performance.now() };
    this.#run.record.posts.set(id, post);
    this.#pending += 1;
    const settled = (state, reason) => {
      Object.assign(post, { state, reason, settledAtMs: performance.now() });
      this.#pending -= 1;
      this.#run.changed();
    };
    this.#pipit.postRealtime({ id, pad }, to).then(
      () => settled('resolved', null),
      (error) => settled('rejected', error.reason ?? String(error)),
    );
  }

  #onEvent(rt) {
    const { type, sender_rid: group, offset } = rt;
    const stream = group === null ? userStream(this.user) : groupStream(group);
    if (type === 'message' || type === 'private') {
      if (rt.message.id.startsWith('end.')) this.lastWords.add(rt.message.id);
      this.#note({ what: 'event', stream, entry: messageEntry(rt.message.id), offset });
      this.#run.onDelivery();
    } else if (type === 'notice') {
      this.#note({ what: 'event', stream, entry: noticeEntry(rt.code, rt.sender_cid), offset });
    } else if (type === 'gap') this.#note({ what: 'gap', stream, reason: rt.reason, missed: rt.missed });
    else if (type === 'success') {
      this.#note({ what: 'success', recovered: rt.recovered, recovered_messages: rt.recovered_messages });
    } else if (type === 'error') this.#note({ what: 'error', reason: rt.reason });
    else if (type === 'close' && this.#isOpen) this.#note({ what: 'ended' });
    else if (type === 'reconnect') this.#note({ what: 'reconnect' });
    this.#run.changed();
  }

  #note(step) {
    this.chronicle.push({ ...step, atMs: Math.round(performance.now()) });
  }

  #wire() {
    const { order, record } = this.#run;
    return new Wire({
      order,
      who: this.name,
      user: this.user,
      generation: () => this.#line.generation,
      tell: {
        finding: (finding) => record.findings.push(finding),
        sent: (id) => {
          record.posts.get(id).sentAtMs = performance.now();
        },
        posted: (id, place, generation) => {
          const post = record.posts.get(id);
          post.answers.push({ place, generation, sentAtMs: post.sentAtMs });
        },
        welcome: (welcome) => {
          this.#note({ what: 'welcome', ...welcome });
          this.#run.onArrival(this.user, welcome.generation);
        },
        place: (place) => this.#note({ what: 'place', ...place }),
        joinRefused: () => this.#note({ what: 'refused' }),
      },
    });
  }
}
