// A disk that is full under a group that is kept on it: what is refused, what goes on, and that nothing acknowledged is
// lost. The disk is a real one, in memory; only root may mount it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from './support/server.mjs';
import { ann, bob } from './support/users.mjs';

const group = 'kept: tea room';
const settings = {
  'server.workers': 2,
  'history.durable_groups': 'kept:*',
  'limits.commands_per_second': 100_000,
  'limits.commands_burst': 100_000,
};
const atOnce = 8; // posts that wait for their answers

// A folder with a disk of its own, or undefined, and the test is skipped.
function smallDisk(t, megabytes) {
  const folder = mkdtempSync(join(tmpdir(), 'pipit-integration-'));
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  const isMounted = status === 0;
  t.after(() => {
    if (isMounted) spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  if (isMounted) return folder;
  t.skip(`a disk that is really full needs root, who may mount one: ${error?.message ?? String(stderr).split('\n')[0]}`);
  return undefined;
}

// Somebody else's file, until giveRoom().
const fileOn = (disk) => join(disk, 'other');
const takeRoom = (disk, bytes) => writeFileSync(fileOn(disk), Buffer.alloc(bytes), { flag: 'a' });
const giveRoom = (disk) => rmSync(fileOn(disk));
function takeAllRoom(disk) {
  const { bavail, bsize } = statfsSync(disk);
  takeRoom(disk, bavail * bsize);
  assert.equal(statfsSync(disk).bavail, 0);
}

// Posts until one is refused, and adds what was acknowledged by offset. There may be room for one more even then: what is
// large does not fit where something smaller does, and the log moves on within the room that it has.
async function fill(writer, acknowledged) {
  const most = acknowledged.size + 10_000;
  let isFull = false;
  const poster = async () => {
    while (!isFull) {
      const data = `${acknowledged.size} ${'x'.repeat(4_000)}`;
      const { ok, error } = await writer.post(group, JSON.stringify(data));
      if (ok) acknowledged.set(ok.offset, data);
      else isFull = assertFull(error);
      assert.ok(acknowledged.size < most, 'it is never full');
    }
  };
  await Promise.all(Array.from({ length: atOnce }, poster));
}

function assertFull(error) {
  assert.deepEqual([error?.reason, error?.retry], ['history_full', true], JSON.stringify(error));
  return true;
}

const sorted = (acknowledged) => [...acknowledged].sort(([one], [other]) => one - other);

// All there is of the group's history, by offset, from the oldest on.
async function history(client) {
  const pages = [];
  let before;
  for (;;) {
    const { ok, error } = await client.request({ op: 'history', group, limit: 100, before });
    assert.ok(ok, JSON.stringify(error));
    const { list, epoch } = ok;
    pages.unshift(list.map(({ offset, data }) => [offset, data]));
    if (list.length === 0 || pages.flat().length === 0) return pages.flat();
    before = { epoch, offset: list[0].offset };
  }
}

// The next event that is no notice.
async function heard(client) {
  for (;;) {
    const event = await client.event();
    if (event.ev !== 'notice') return event;
  }
}

// That `client` is told of all that was acknowledged, in order, and of nothing else before what comes next.
async function assertHears(client, acknowledged) {
  const messages = [];
  while (messages.length < acknowledged.length) {
    const { ev, offset, data } = await heard(client);
    assert.equal(ev, 'message');
    messages.push([offset, data]);
  }
  assert.deepEqual(messages, acknowledged);
}

// That everything but posts to durable groups goes on.
async function assertTheRestGoesOn(server, writer, reader) {
  const [one, other] = [await server.member(ann, 'not kept'), await server.member(bob, 'not kept')];
  assert.ok((await one.post('not kept', '"in memory"')).ok);
  assert.equal((await heard(other)).data, 'in memory');
  await Promise.all([one.close(), other.close()]);
  assert.ok((await writer.post({ user: bob }, '"in private"')).ok);
  const { ev, data } = await heard(reader);
  assert.deepEqual([ev, data], ['private', 'in private']); // and of the group nothing was heard before it
}

test('a full disk refuses posts to durable groups and nothing else, and loses nothing over kill -9', async (t) => {
  const disk = smallDisk(t, 8);
  if (!disk) return;
  takeRoom(disk, 4 << 20);
  let server = await startServer(t, { settings, data: disk });
  const reader = await server.signIn(bob);
  const { epoch } = (await reader.request({ op: 'join', group })).ok;
  const writer = await server.member(ann, group);

  const acknowledged = new Map();
  await fill(writer, acknowledged);
  takeAllRoom(disk);
  await fill(writer, acknowledged);
  assert.ok(acknowledged.size > 100, `${acknowledged.size} are few`);
  await assertHears(reader, sorted(acknowledged));
  await assertTheRestGoesOn(server, writer, reader);
  assert.deepEqual(await history(reader), sorted(acknowledged));
  await server.kill();

  server = await startServer(t, { settings, data: disk });
  const [again, witness] = [await server.member(ann, group), await server.signIn(bob)];
  assert.equal((await witness.request({ op: 'join', group })).ok.epoch, epoch);
  assert.deepEqual(await history(again), sorted(acknowledged));
  const before = new Set(acknowledged.keys());
  await fill(again, acknowledged);
  await assertHears(witness, sorted(acknowledged).filter(([offset]) => !before.has(offset)));
  await assertTheRestGoesOn(server, again, witness);

  // A process that began on a full disk needs more room than the post takes: first it moves its log into the database.
  giveRoom(disk);
  const { ok, error } = await again.post(group, '"there is room again"');
  assert.ok(ok, JSON.stringify(error));
  assert.equal(ok.epoch, epoch);
  assert.ok(ok.offset > Math.max(...acknowledged.keys()));
  assert.equal((await heard(witness)).data, 'there is room again');
  acknowledged.set(ok.offset, 'there is room again');
  assert.ok((await again.request({ op: 'join', group: 'kept: a new one' })).ok);
  await server.kill();

  server = await startServer(t, { settings, data: disk });
  assert.deepEqual(await history(await server.member(bob, group)), sorted(acknowledged));
  await server.stop();
});
