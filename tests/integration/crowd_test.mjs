// What is left when many clients die at once, each a process of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCrowd } from './support/crowd.mjs';
import { startServer } from './support/server.mjs';
import { ann, bob } from './support/users.mjs';

const size = Number(process.env.CROWD_SIZE ?? 1_000);
const seed = Number(process.env.CROWD_SEED ?? Date.now() % 2 ** 31);
// Time enough to look at all the places while they are kept.
const graceMs = 10_000;
// For what comes on top of the documented time: half of the crowd dies in the same moment, on a machine that also
// runs the crowd, and other things. Heartbeats would tell of the dead much later.
const toleranceMs = 10_000;

// Whole numbers from 0, the same ones for the same seed (Numerical Recipes' linear congruence).
function dice(state) {
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function shuffled(list, random) {
  const rest = [...list];
  return list.map(() => rest.splice(random(rest.length), 1)[0]);
}

// Users with one to three connections each, in groups of different size; `doomed` is a group of its own for `count`.
function placesFor(count, doomed, random) {
  const groups = ['tea room', '部屋 ☕', 'say "hi" \\', 'a', 'b', 'c', 'd', 'e'];
  const places = [];
  for (let user = 0; places.length < count; ++user) {
    const id = `c0de0000-0000-4000-8000-${String(user).padStart(12, '0')}`;
    for (let tabs = 1 + random(3); tabs > 0 && places.length < count; --tabs) {
      const group = places.length < doomed.count ? doomed.group : groups[Math.min(random(12), random(groups.length))];
      places.push({ user: id, group });
    }
  }
  return places;
}

const groupsOf = (members) => [...new Set(members.map(({ group }) => group))];
const of = (members, group) => members.filter((member) => member.group === group);
const cidsOf = (members) => members.map(({ cid }) => cid).sort();

// Every row of a list, a page after the other.
async function pages(client, question) {
  const rows = [];
  for (let startKey = null; startKey !== 'end'; ) {
    const { ok } = await client.request({ ...question, startKey });
    assert.ok(ok.list.length <= question.limit);
    rows.push(...ok.list);
    ({ startKey } = ok);
  }
  return rows;
}

// All groups and all who are in them, as a client learns it that has just come: { groups, members }.
async function listing(server, groups) {
  const client = await server.signIn(ann);
  const listed = { groups: await pages(client, { op: 'groups', limit: 3 }), members: [] };
  for (const group of groups) {
    for (const row of await pages(client, { op: 'users', group, limit: 64 })) listed.members.push({ group, ...row });
  }
  await client.close();
  return listed;
}

// What the listing must be.
function listingOf(members, groups) {
  const present = groups.filter((group) => of(members, group).length > 0);
  const users = (group) => new Set(of(members, group).map(({ user }) => user)).size;
  return {
    groups: present
      .map((group) => ({ group, number_of_users: users(group) }))
      .sort((one, other) => Buffer.compare(Buffer.from(one.group), Buffer.from(other.group))),
    members: members.map(({ group, user, cid }) => ({ group, user_id: user, cid })),
  };
}

// The order of a user's connections is the server's to choose.
function inOneOrder({ groups, members }) {
  const rows = members.map((row) => JSON.stringify(row)).sort();
  return { groups, members: rows };
}

function assertListed(listed, members, groups) {
  assert.deepEqual(inOneOrder(listed), inOneOrder(listingOf(members, groups)));
  for (const group of groups) {
    const users = of(listed.members, group).map(({ user_id: user }) => user);
    assert.deepEqual(users, users.toSorted());
  }
}

// Each of the survivors in `group` has heard, in one order and up to the fence that came last: of the others' coming,
// then once of each that was killed, and of nothing else.
function assertHeard(group, survivors, victims, fence) {
  const chronicle = new Map();
  for (const { cid, offset, events } of survivors) {
    const came = events.filter(({ code }) => code === 'USER_JOINED').map((event) => event.cid);
    const went = events.filter(({ code }) => code === 'USER_DISCONNECTED').map((event) => event.cid);
    assert.equal(came.length + went.length, events.length, `${cid} heard of something else`);
    assert.deepEqual(went.toSorted(), cidsOf(victims));
    assert.equal(came.at(-1), fence.welcome.cid);
    events.forEach((event, index) => {
      assert.equal(event.group, group);
      assert.equal(event.offset, offset + 1 + index, `${cid} misses something`);
      assert.equal(event.json, chronicle.get(event.offset) ?? event.json);
      chronicle.set(event.offset, event.json);
    });
  }
}

test(`${size / 2} of ${size} client processes are killed: the others hear of each once, after the grace time`, async (t) => {
  t.diagnostic(`CROWD_SEED=${seed}`);
  const random = dice(seed);
  const heartbeat = { 'heartbeat.ping_interval_ms': 30_000, 'heartbeat.pong_timeout_ms': 30_000 };
  const settings = { ...heartbeat, 'server.workers': 2, 'presence.grace_ms': graceMs };
  const server = await startServer(t, { settings });
  const doomed = { group: 'nobody returns', count: Math.ceil(size / 50) };
  const crowd = await startCrowd(t, server, placesFor(size, doomed, random));
  const groups = groupsOf(crowd.members);
  assertListed(await listing(server, groups), crowd.members, groups);

  const [lost, others] = [crowd.members.slice(0, doomed.count), crowd.members.slice(doomed.count)];
  const victims = [...lost, ...shuffled(others, random).slice(0, size / 2 - doomed.count)];
  const victimsIn = new Map(groups.map((group) => [group, of(victims, group)]));
  const firstDied = performance.now();
  crowd.kill(victims);
  const lastDied = performance.now();
  assertListed(await listing(server, groups), crowd.members, groups);
  assert.ok(performance.now() < firstDied + graceMs, 'too slow to look while the places are kept');

  const hasHeard = ({ group, events }) =>
    events.filter(({ code }) => code === 'USER_DISCONNECTED').length >= victimsIn.get(group).length;
  await crowd.until(hasHeard, 'the notices');
  // Nobody is told of the end of the group in which all died, so its turn is waited for.
  let listed;
  do listed = await listing(server, groups);
  while (listed.members.length > crowd.survivors.length && performance.now() < lastDied + graceMs + toleranceMs);
  const took = Math.round(performance.now() - lastDied);
  assertListed(listed, crowd.survivors, groups);
  assert.ok(took <= graceMs + toleranceMs, `exact after ${took} ms`);
  t.diagnostic(`exact ${took} ms after the last died; they died within ${Math.round(lastDied - firstDied)} ms`);

  for (const group of groupsOf(crowd.survivors)) {
    const fence = await server.member(bob, group);
    const isFenced = (member) => member.group !== group || member.events.at(-1).cid === fence.welcome.cid;
    await crowd.until(isFenced, `the fence of ${group}`);
    assertHeard(group, of(crowd.survivors, group), victimsIn.get(group), fence);
  }
  const notices = crowd.survivors.flatMap(({ events }) => events.filter(({ code }) => code === 'USER_DISCONNECTED'));
  for (const { at } of notices) assert.ok(at >= firstDied + graceMs, 'a notice within the grace time');
  t.diagnostic(`${notices.length} notices of the dead to ${crowd.survivors.length} survivors`);
  await crowd.stop();
});

test('a client process that is stopped is gone within ping_interval_ms + pong_timeout_ms', async (t) => {
  const heartbeat = { 'heartbeat.ping_interval_ms': 2_000, 'heartbeat.pong_timeout_ms': 2_000 };
  const server = await startServer(t, { settings: { ...heartbeat, 'presence.grace_ms': 60_000 } });
  const member = await server.member(ann, 'still');
  const crowd = await startCrowd(t, server, [{ user: bob, group: 'still' }]);
  const [stopped] = crowd.members;
  assert.equal((await member.event()).code, 'USER_JOINED');

  process.kill(stopped.pid, 'SIGSTOP');
  const stoppedAt = performance.now();
  const notice = await member.event();
  const took = performance.now() - stoppedAt;
  assert.deepEqual([notice.code, notice.cid], ['USER_DISCONNECTED', stopped.cid]);
  assert.ok(took <= 4_000 + toleranceMs, `noticed after ${took} ms`);
  const { ok } = await member.request({ op: 'users' });
  assert.deepEqual(ok.list, [{ user_id: ann, cid: member.welcome.cid }]);
  crowd.kill([stopped]);
  await crowd.stop();
});
