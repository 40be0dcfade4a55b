// Random conversations, cut at random places, with a model of the server: nothing is lost, comes twice or out of order without a word.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelServer } from '../testing/model_server.js';
import type { ModelStream } from '../testing/model_server.js';
import { Random } from '../testing/random.js';
import type { WebSocketMessage } from '../types.js';
import { Session } from './session.js';
import type { Effect, TimerName } from './effects.js';

/** The client's side: performs the effects, and keeps a record of what comes of them. */
class Client {
  nowMs = 0;
  readonly told: Told[] = [];
  readonly settled = new Map<string, string>();
  readonly armed = new Map<TimerName, number>();
  logged = 0;
  socketWanted = false;
  readonly session: Session<string>;

  constructor(
    private readonly server: ModelServer,
    random: Random,
  ) {
    this.session = new Session<string>({
      url: 'wss://chat.example/v1/realtime',
      token: 'T1',
      canFetchToken: false,
      client: 'test',
      keyPrefix: 'k',
      savedCid: () => undefined,
      outbox: { posts_max: 1_000, bytes_max: 1_000_000 },
      nowMs: () => this.nowMs,
      random: () => random.below(1_000) / 1_000,
    });
  }

  do(effects: Effect<string>[]) {
    for (const effect of effects) {
      if (effect.do === 'tell') this.told.push(effect.message);
      if (effect.do === 'send') this.server.toServer.push(JSON.parse(effect.text));
      if (effect.do === 'open_socket') this.socketWanted = true;
      if (effect.do === 'drop_socket') this.server.cut();
      if (effect.do === 'arm') this.armed.set(effect.timer, this.nowMs + effect.afterMs);
      if (effect.do === 'disarm') this.armed.delete(effect.timer);
      if (effect.do === 'log') this.logged += 1;
      if (effect.do === 'resolve') this.settle(effect.ticket, 'done');
      if (effect.do === 'reject') this.settle(effect.ticket, effect.error.message);
    }
  }

  /** Moves time, and rings what is due. */
  pass(ms: number) {
    this.nowMs += ms;
    for (const [timer, dueMs] of [...this.armed]) {
      if (dueMs > this.nowMs || !this.armed.delete(timer)) continue;
      this.do(this.session.onTimer(timer));
    }
  }

  private settle(ticket: string, how: string) {
    assert.equal(this.settled.has(ticket), false, `${ticket} is settled twice`);
    this.settled.set(ticket, how);
  }
}

/** What was told, and beside it the notices of own connections, which must come and not be told. */
type Told = WebSocketMessage | { type: 'own'; sender_cid: string; sender_rid: 'tea'; offset: number };

/** Compares what was told of a stream with what the server has in it behind an offset. Answers with how many events are missing. */
function compare(stream: ModelStream, told: readonly Told[], after: number): number {
  let at = after;
  let missing = 0;
  for (const event of told) {
    if (event.type === 'gap') {
      at += event.missed ?? 0;
      missing += event.missed ?? 0;
      continue;
    }
    if (!('offset' in event)) continue;
    assert.equal(event.offset, at + 1, `after ${at} of ${stream.epoch}`);
    const { ev, cid, data } = stream.log[at]!;
    assert.deepEqual([event.type === 'own' ? 'notice' : event.type, event.sender_cid], [ev, cid]);
    if ('message' in event && ev !== 'notice') assert.deepEqual(event.message, data);
    at += 1;
  }
  assert.equal(at, stream.offset, `the end of ${stream.epoch} is missing`);
  return missing;
}

interface Totals {
  cuts: number;
  events: number;
  posts: number;
  missing: number;
  replays: number;
  duplicates: number;
  refusals: number;
}

/** One conversation, until all is quiet. */
function converse(seed: number, totals: Totals) {
  const random = new Random(seed);
  const server = new ModelServer(random);
  const client = new Client(server, random);
  const { session } = client;
  const ownCids = new Set<string>();
  let posts = 0;
  let cuts = 0;
  const deliver = () => {
    const object = server.toClient.shift();
    if (object === undefined) return;
    const { ok, ev, cid = '', offset = 0 } = object as { ok?: { cid?: string }; ev?: string; cid?: string; offset?: number };
    if (ok?.cid !== undefined) ownCids.add(ok.cid);
    if (ev === 'notice' && ownCids.has(cid)) client.told.push({ type: 'own', sender_cid: cid, sender_rid: 'tea', offset });
    client.do(session.onText(JSON.stringify(object)));
  };
  const cut = () => {
    if (client.socketWanted) return;
    cuts += 1;
    server.cut();
    client.do(session.onClosed(random.pick([1006, 1001, 4002, 4003]), ''));
  };
  const step = (isCalm: boolean) => {
    if (client.socketWanted) {
      client.socketWanted = false;
      server.open(client.nowMs);
      client.do(session.onOpened());
    }
    const what = random.below(100);
    if (what < 30) server.arrive(client.nowMs);
    else if (what < 70) deliver();
    else if (what < 80 || isCalm) client.pass(random.below(random.below(10) === 0 ? 2_000 : 20));
    else if (what < 90) {
      const name = `post ${++posts}`;
      client.do(session.post(name, random.below(4) === 0 ? { user: 'ann' } : 'tea', null, name));
    } else if (what < 98) server.say(`said ${random.below(1e9)}`);
    else if (random.below(2) === 0) cut();
    else client.do(session.onWake());
  };

  client.do(session.connect('connecting'));
  while (session.user === null) step(true);
  const userFrom = server.user.offset;
  client.do(session.join({ group: 'tea' }, 'joining'));
  while (!client.settled.has('joining')) step(true);
  // Nothing was said yet, so it is what the answer has told.
  const groupFrom = server.group.offset;
  for (let i = 0; i < 1_500; i += 1) step(false);
  for (let i = 0; i < 100_000; i += 1) {
    const isQuiet = session.user !== null && server.toClient.length + server.toServer.length === 0 && client.settled.size >= posts + 1;
    if (isQuiet) break;
    step(true);
  }

  assert.equal(client.settled.size, posts + 1, 'posts without an answer');
  for (const how of client.settled.values()) assert.equal(how, 'done');
  const ofGroup = client.told.filter(({ sender_rid }) => sender_rid === 'tea');
  const ofUser = client.told.filter(({ type, sender_rid }) => sender_rid === null && (type === 'private' || type === 'gap'));
  totals.missing += compare(server.group, ofGroup, groupFrom) + compare(server.user, ofUser, userFrom);
  for (const stream of [server.group, server.user]) {
    const own = stream.log.flatMap(({ data }) => (typeof data === 'string' && data.startsWith('post ') ? [Number(data.slice(5))] : []));
    assert.deepEqual(own, [...new Set(own)].sort((a, b) => a - b), 'own posts are twice or out of order');
    totals.posts += own.length;
  }
  assert.equal(server.group.posted.size + server.user.posted.size, posts);
  assert.equal(client.logged, 0);
  totals.cuts += cuts;
  totals.events += server.group.offset + server.user.offset;
  totals.replays += server.replays;
  totals.duplicates += server.duplicates;
  totals.refusals += server.refusals;
}

test('100 random conversations lose nothing, and nothing comes twice or out of order', () => {
  const totals: Totals = { cuts: 0, events: 0, posts: 0, missing: 0, replays: 0, duplicates: 0, refusals: 0 };
  for (let seed = 1; seed <= 100; seed += 1) {
    try {
      converse(seed, totals);
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
  // Each of it has happened often enough to mean something.
  for (const [what, atLeast] of Object.entries({ cuts: 100, events: 5_000, posts: 5_000, missing: 10, replays: 1_000, duplicates: 10 })) {
    assert.ok(totals[what as keyof Totals] >= atLeast, `${what}: ${JSON.stringify(totals)}`);
  }
  assert.equal(totals.refusals, 0);
});
