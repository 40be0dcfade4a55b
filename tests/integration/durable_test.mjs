// Groups whose history is kept on disk: what is there after kill -9, and what is said when it is not.
import assert from 'node:assert/strict';
import { openSync, readFileSync, readdirSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { ann, bob } from './support/users.mjs';

const group = 'kept: tea room';
const settings = { 'server.workers': 2, 'presence.grace_ms': 100, 'history.durable_groups': 'kept:*' };
const positionOf = ({ epoch, offset }) => ({ epoch, offset });
const joinSince = async (client, since) => (await client.request({ op: 'join', group, since })).ok;

// The data of the messages among what a join answered with `ok` brings.
async function replayed(client, { offset, replayed }) {
  const messages = [];
  for (let i = 1; i <= replayed; ++i) {
    const event = await client.event();
    assert.equal(event.offset, offset + i);
    if (event.ev === 'message') messages.push(event.data);
  }
  return messages;
}

test('what was answered is there after kill -9, in the same epoch', async (t) => {
  const data = temporaryFolder(t);
  let server = await startServer(t, { settings, data });
  const reader = await server.signIn(bob);
  const had = positionOf((await reader.request({ op: 'join', group })).ok);
  const writer = await server.member(ann, group);
  const texts = Array.from({ length: 100 }, (_, i) => `post ${i}`);
  const answers = await Promise.all(texts.map((text) => writer.post(group, JSON.stringify(text))));
  assert.ok(answers.every(({ ok }) => ok.epoch === had.epoch));
  await server.kill();

  server = await startServer(t, { settings, data });
  const again = await server.signIn(bob);
  const ok = await joinSince(again, had);
  assert.deepEqual([positionOf(ok), ok.recovered], [had, true]);
  assert.deepEqual(await replayed(again, ok), texts);
  const { list } = (await again.request({ op: 'history', group, limit: 3 })).ok;
  assert.deepEqual(
    list.map(({ data: text }) => text),
    texts.slice(-3),
  );
});

test('a post that is sent again after kill -9 takes effect once', async (t) => {
  const data = temporaryFolder(t);
  const post = { op: 'post', to: group, data: 'once', key: 'k1' };
  let server = await startServer(t, { settings, data });
  const placed = (await (await server.member(ann, group)).request(post)).ok;
  await server.kill();
  server = await startServer(t, { settings, data });
  const again = await server.member(ann, group);
  assert.deepEqual((await again.request(post)).ok, placed);
  const { list } = (await again.request({ op: 'history', group })).ok;
  assert.deepEqual(
    list.map(({ data: text }) => text),
    ['once'],
  );
});

test('only the groups that are named are kept', async (t) => {
  const data = temporaryFolder(t);
  let server = await startServer(t, { settings, data });
  const before = (await (await server.signIn(ann)).request({ op: 'join', group: 'not kept' })).ok;
  await server.kill();
  server = await startServer(t, { settings, data });
  const client = await server.signIn(ann);
  const { ok } = await client.request({ op: 'join', group: 'not kept', since: positionOf(before) });
  assert.deepEqual([ok.recovered, ok.reason], [false, 'epoch']);
});

test('a damaged log is put aside, and clients hear that they have missed something', async (t) => {
  const data = temporaryFolder(t);
  let server = await startServer(t, { settings, data });
  const writer = await server.signIn(ann);
  const had = positionOf((await writer.request({ op: 'join', group })).ok);
  assert.ok((await writer.post(group, '"one"')).ok);
  await server.kill();
  const file = openSync(join(data, 'history.db-wal'), 'r+');
  writeSync(file, Buffer.alloc(64), 0, 64, 0); // the head of the WAL, and with it all that was not moved yet
  closeSync(file);

  server = await startServer(t, { settings, data });
  await server.logged(/the log of the histories is damaged/);
  const ok = await joinSince(await server.signIn(ann), had);
  assert.deepEqual([ok.recovered, ok.reason], [false, 'damaged']);
  assert.notEqual(ok.epoch, had.epoch);
  const aside = readdirSync(data).filter((name) => /^history-damaged-\d{8}T\d{6}Z\.db$/.test(name));
  assert.equal(aside.length, 1);
  assert.ok(readFileSync(join(data, aside[0])).length > 0);
});
