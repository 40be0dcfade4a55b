// Connections that break, come back or do not, and what others learn of it: by notice, by listing, by watch.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { ann, bob, eve } from './support/users.mjs';

const many = { 'limits.commands_per_second': 100_000, 'limits.commands_burst': 100_000 };
// Three servers, told apart by how long a place is kept: until every test is over; for a moment, in which also a slow
// machine is back in time; not at all.
const briefGraceMs = 3_000;
const [patient, brief, strict] = await Promise.all(
  [60_000, briefGraceMs, 0].map((graceMs) =>
    startServer({ after }, { settings: { ...many, 'server.workers': 4, 'presence.grace_ms': graceMs } }),
  ),
);
// For what comes on top of the documented time, on a busy machine. Heartbeats would tell of a connection much later.
const toleranceMs = 10_000;

// Members of a group that is theirs alone, with the notices of their coming taken already.
async function meet(server, group, ...users) {
  const members = [];
  for (const user of users) {
    const newcomer = await server.member(user, group);
    for (const member of members) assert.equal((await member.event()).code, 'USER_JOINED');
    members.push(newcomer);
  }
  return members;
}

// A new connection of `user` that asks to go on as `cid`.
async function comeBack(server, user, cid, options) {
  const client = await server.open(options);
  const { ok } = await client.request({ op: 'connect', token: server.token(user), session: cid });
  assert.equal(ok.user, user);
  client.welcome = ok;
  return client;
}

// Comes back as `lost`, which must be granted.
async function resume(server, lost) {
  const client = await comeBack(server, lost.welcome.user, lost.welcome.cid);
  assert.deepEqual([client.welcome.resumed, client.welcome.cid], [true, lost.welcome.cid]);
  return client;
}

// Joins where it is a member still.
async function rejoin(client, group) {
  const { ok } = await client.request({ op: 'join', group });
  assert.equal(ok.group, group);
  return ok;
}

const row = ({ welcome: { user, cid } }) => ({ user_id: user, cid });
const byCid = (one, other) => (one.cid < other.cid ? -1 : 1);

// `asker` is shown exactly these members of the group.
async function assertListed(asker, group, ...members) {
  const { ok } = await asker.request({ op: 'users', group });
  assert.deepEqual([ok.list.toSorted(byCid), ok.startKey], [members.map(row).sort(byCid), 'end']);
}

async function assertUserCount(asker, group, expected) {
  const { ok } = await asker.request({ op: 'groups', searchFor: 'group', value: group });
  assert.deepEqual(ok.list, expected === 0 ? [] : [{ group, number_of_users: expected }]);
}

// What comes next to `member` is this notice.
async function assertNotice(member, about, code) {
  const event = await member.event();
  assert.deepEqual([event.code, event.cid], [code, about.welcome.cid], event.json);
}

// Nothing else has come to `member` before what it now posts itself.
async function assertNothingElse(member, group) {
  assert.ok((await member.post(group, '"fence"')).ok);
  assert.equal((await member.event()).data, 'fence');
}

// A client's copy of a watched list, kept up to date as the protocol says.
class Watched {
  #client;
  #key;
  #version;
  changes = [];

  static async start(client, question) {
    const { ok } = await client.request({ op: 'watch', ...question });
    return new Watched(client, question.list === 'groups' ? 'group' : 'cid', ok);
  }

  constructor(client, key, { watch, version, list }) {
    this.#client = client;
    this.#key = key;
    this.#version = version;
    this.id = watch;
    this.list = list;
  }

  // Takes changes until the list has just these rows, which has to come to pass.
  async becomes(rows) {
    const asText = (list) => list.map((each) => JSON.stringify(each)).sort().join();
    while (asText(this.list) !== asText(rows)) await this.#change();
  }

  async #change() {
    const event = await this.#client.event();
    assert.deepEqual([event.ev, event.watch, event.version], ['watch', this.id, (this.#version += 1)]);
    const put = event.put.map(([, { [this.#key]: key }]) => key);
    this.list = this.list.filter(({ [this.#key]: key }) => !event.gone.includes(key) && !put.includes(key));
    for (const [index, rowPut] of event.put) this.list.splice(index, 0, rowPut);
    this.changes.push(event.json);
  }
}

test('a connection that breaks and comes back in time was never gone for the others', async () => {
  const [member, guest] = await meet(brief, 'back', ann, bob);
  guest.destroy();
  await assertListed(member, 'back', member, guest);
  const again = await resume(brief, guest);
  await assertListed(member, 'back', member, guest);
  await assertUserCount(member, 'back', 2);
  const { ok } = await member.post('back', '"missed"');
  const place = await rejoin(again, 'back');
  assert.deepEqual([place.epoch, place.offset], [ok.epoch, ok.offset]);
  await assertListed(member, 'back', member, guest);

  // One that is lost now is told when a late notice of the other one would have come, too.
  const later = await brief.member(eve, 'back');
  later.destroy();
  assert.equal((await member.event()).data, 'missed');
  for (const listener of [member, again]) {
    await assertNotice(listener, later, 'USER_JOINED');
    await assertNotice(listener, later, 'USER_DISCONNECTED');
  }
  await assertNothingElse(member, 'back');
  assert.equal((await again.event()).data, 'fence');
});

for (const [how, leave] of [
  ['breaks', (client) => client.destroy()],
  ['closes with 1001, as a page does that is reloaded,', (client) => client.close(1001)],
  ['closes with 4007 to open another one', (client) => client.close(4007)],
]) {
  test(`a connection that ${how} and does not come back is told once, after the grace time`, async () => {
    const group = `gone: ${how}`;
    const [member, guest] = await meet(brief, group, ann, bob);
    const before = performance.now();
    await leave(guest);
    const since = performance.now();
    await assertListed(member, group, member, guest);
    await assertNotice(member, guest, 'USER_DISCONNECTED');
    const now = performance.now();
    assert.ok(now >= before + briefGraceMs, `after ${now - before} ms`);
    assert.ok(now <= since + briefGraceMs + toleranceMs, `after ${now - since} ms`);
    await assertListed(member, group, member);
    await assertUserCount(member, group, 1);
    assert.equal((await comeBack(brief, bob, guest.welcome.cid)).welcome.resumed, false);
    await assertNothingElse(member, group);
  });
}

for (const [how, code] of [
  ['with 1000', 1000],
  ['without a code', undefined],
]) {
  test(`a connection that closes ${how} is told at once, and cannot be gone on with`, async () => {
    const group = `closed ${how}`;
    const [member, guest] = await meet(patient, group, ann, bob);
    if (code === undefined) guest.sendFrames({ opcode: 8, fin: true, rsv: 0, payload: Buffer.alloc(0) });
    else await guest.close(code);
    await assertNotice(member, guest, 'USER_DISCONNECTED');
    await assertListed(member, group, member);
    const { resumed, cid } = (await comeBack(patient, bob, guest.welcome.cid)).welcome;
    assert.deepEqual([resumed, cid === guest.welcome.cid], [false, false]);
    await assertNothingElse(member, group);
  });
}

test('without a grace time a lost connection is told at once, and cannot be gone on with', async () => {
  const [member, guest] = await meet(strict, 'strict', ann, bob);
  guest.destroy();
  await assertNotice(member, guest, 'USER_DISCONNECTED');
  await assertListed(member, 'strict', member);
  const { resumed, cid } = (await comeBack(strict, bob, guest.welcome.cid)).welcome;
  assert.deepEqual([resumed, cid === guest.welcome.cid], [false, false]);
  await assertNothingElse(member, 'strict');
});

test('a client that falls silent is gone within ping_interval_ms + pong_timeout_ms, without a grace', async (t) => {
  const heartbeat = { 'heartbeat.ping_interval_ms': 2_000, 'heartbeat.pong_timeout_ms': 2_000 };
  const server = await startServer(t, { settings: { ...heartbeat, 'presence.grace_ms': 60_000 } });
  const [member, silent] = await meet(server, 'silent', ann, bob);
  const before = performance.now();
  silent.pause();
  await assertListed(member, 'silent', member, silent);
  await assertNotice(member, silent, 'USER_DISCONNECTED');
  const took = performance.now() - before;
  assert.ok(took <= 4_000 + toleranceMs, `after ${took} ms`);
  await assertListed(member, 'silent', member);
  assert.equal((await comeBack(server, bob, silent.welcome.cid)).welcome.resumed, false);
  await assertNothingElse(member, 'silent');
});

test('who comes back before the server knows takes over, and the old connection closes with 4503', async () => {
  const [member, old] = await meet(patient, 'takeover', ann, bob);
  const again = await resume(patient, old);
  assert.equal((await old.closed()).code, 4503);
  await old.ended();
  await rejoin(again, 'takeover');
  await assertListed(member, 'takeover', member, old);
  assert.ok((await member.post({ cid: old.welcome.cid }, '"for the new one"')).ok);
  assert.equal((await again.event()).data, 'for the new one');
  await assertNothingElse(member, 'takeover');
  assert.equal((await again.event()).data, 'fence');
});

test('who is back and lets the time pass without joining is told as lost', async () => {
  const [member, guest] = await meet(brief, 'hesitant', ann, bob);
  guest.destroy();
  const before = performance.now();
  const again = await resume(brief, guest);
  await assertListed(member, 'hesitant', member, guest);
  await assertNotice(member, guest, 'USER_DISCONNECTED');
  const took = performance.now() - before;
  assert.ok(took >= briefGraceMs && took <= briefGraceMs + toleranceMs, `after ${took} ms`);
  await assertListed(member, 'hesitant', member);
  assert.equal((await again.post('hesitant', '1')).error.reason, 'not_joined');
  await assertNothingElse(member, 'hesitant');
});

test('who is back and leaves, or joins another group, is told as having left', async () => {
  for (const command of [{ op: 'leave' }, { op: 'join', group: 'elsewhere' }]) {
    const group = `back, then ${command.op}`;
    const [member, guest] = await meet(patient, group, ann, bob);
    guest.destroy();
    const again = await resume(patient, guest);
    assert.ok((await again.request(command)).ok);
    await assertNotice(member, guest, 'USER_LEFT');
    await assertListed(member, group, member);
    await assertNothingElse(member, group);
  }
});

test('nobody goes on as the connection of another user, or as one that never was', async () => {
  const [member, connected, lost] = await meet(patient, 'private', ann, bob, bob);
  lost.destroy();
  for (const { cid } of [connected.welcome, lost.welcome, { cid: 'cid:0000000000000000' }, { cid: 'nonsense' }]) {
    const { welcome } = await comeBack(patient, eve, cid);
    assert.equal(welcome.resumed, false);
    assert.notEqual(welcome.cid, cid);
  }
  await assertListed(member, 'private', member, connected, lost);
  await resume(patient, lost);
  await assertNothingElse(connected, 'private');
  assert.equal((await member.event()).data, 'fence');
});

test('users are counted once, however many connections they have, and each connection has a row', async () => {
  const [member, ...tabs] = await meet(brief, 'tabs', ann, bob, bob, bob);
  const asker = await brief.signIn(eve);
  await assertListed(asker, 'tabs', member, ...tabs);
  await assertUserCount(asker, 'tabs', 2);
  for (let left = tabs.length - 1; left >= 0; --left) {
    tabs[left].destroy();
    await assertNotice(member, tabs[left], 'USER_DISCONNECTED');
    await assertListed(asker, 'tabs', member, ...tabs.slice(0, left));
    await assertUserCount(asker, 'tabs', left > 0 ? 2 : 1);
  }
  const watched = await Watched.start(asker, { list: 'users', group: 'tabs' });
  await member.close();
  await watched.becomes([]);
  await assertUserCount(asker, 'tabs', 0);
});

test('a connection that is away gets no posts of its own, and is found again when it is back', async () => {
  const [sender, guest] = await meet(patient, 'post', ann, eve);
  const to = { cid: guest.welcome.cid };
  assert.ok((await sender.post(to, '1')).ok);
  assert.equal((await guest.event()).data, 1);
  await guest.close(4007);
  const { error } = await sender.post(to, '2');
  assert.deepEqual([error.code, error.reason], ['NOT_EXISTS', 'recipient_not_found']);
  const again = await resume(patient, guest);
  assert.ok((await sender.post(to, '3')).ok);
  assert.equal((await again.event()).data, 3);
});

test('fifty breaks in a row, over four workers: the same connection each time, and nobody hears of one', async () => {
  const [member, guest] = await meet(patient, 'fifty', ann, bob);
  let current = guest;
  for (let round = 0; round < 50; ++round) {
    const lost = current;
    if (round % 2 === 0) lost.destroy(); // otherwise the server has to notice
    current = await resume(patient, lost);
    await assertListed(member, 'fifty', member, guest);
    await rejoin(current, 'fifty');
    await assertListed(member, 'fifty', member, guest);
    const { ok } = await member.post('fifty', String(round));
    for (const listener of [member, current]) {
      const { data, offset } = await listener.event();
      assert.deepEqual([data, offset], [round, ok.offset]);
    }
  }
  await assertUserCount(member, 'fifty', 2);
  await assertNothingElse(member, 'fifty');
});

test('after a restart of the server a connection is a new one', async (t) => {
  const data = temporaryFolder(t);
  const before = await startServer(t, { data });
  const client = await before.member(ann, 'restart');
  await before.stop();
  const server = await startServer(t, { data });
  const again = await comeBack(server, ann, client.welcome.cid);
  assert.equal(again.welcome.resumed, false);
  assert.notEqual(again.welcome.cid, client.welcome.cid);
  await assertListed(again, 'restart');
});

test('all who watch a list, on whatever worker, get the same changes of it, to the last', async () => {
  const asker = await patient.signIn(eve);
  const watchers = [];
  for (let i = 0; i < 8; ++i) watchers.push(await patient.signIn(ann));
  const copies = await Promise.all(
    watchers.map((watcher) => Watched.start(watcher, { list: 'users', group: 'watched', limit: 10 })),
  );
  const everybody = async (...members) => {
    for (const copy of copies) await copy.becomes(members.map(row));
    const { ok } = await asker.request({ op: 'users', group: 'watched' });
    for (const { list } of copies) assert.deepEqual(list, ok.list); // in the same order, too
  };
  const members = [await patient.member(bob, 'watched'), await patient.member(bob, 'watched')];
  await everybody(...members);
  members[0].destroy();
  members[0] = await resume(patient, members[0]);
  await rejoin(members[0], 'watched'); // which changes nothing
  await members[1].request({ op: 'leave' });
  await everybody(members[0]);
  await members[0].close();
  await everybody();
  for (const copy of copies) assert.deepEqual(copy.changes, copies[0].changes);
  assert.ok(copies[0].changes.length >= 3);
});

test('a watched list keeps who is lost for the grace time, and an empty group goes from the list of groups', async () => {
  const [groups, users] = [await brief.signIn(ann), await brief.signIn(eve)];
  const question = { list: 'groups', searchFor: 'group', value: 'fleeting', condition: '>=' };
  const [listed, members] = await Promise.all([
    Watched.start(groups, question),
    Watched.start(users, { list: 'users', group: 'fleeting' }),
  ]);
  assert.deepEqual([listed.list, members.list], [[], []]);
  const guest = await brief.member(bob, 'fleeting');
  await listed.becomes([{ group: 'fleeting', number_of_users: 1 }]);
  await members.becomes([row(guest)]);
  guest.destroy();
  const lostAt = performance.now();
  await Promise.all([listed.becomes([]), members.becomes([])]);
  assert.ok(performance.now() >= lostAt + briefGraceMs);
  assert.deepEqual([listed.changes.length, members.changes.length], [2, 2]);
});
