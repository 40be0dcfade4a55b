import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipitError } from './errors.js';
import { connectedClient, newClient } from './testing/client.js';
import { settled } from './testing/fakes.js';
import type { GroupRow, ListChange, Watch } from './types.js';

const TEA: GroupRow = { group: 'tea', number_of_users: 2 };
const DEN: GroupRow = { group: 'den', number_of_users: 1 };
const END = { startKey: 'end', endOfList: true, startKeyHistory: ['end'] };

const refusal = (code: string, message: string | RegExp, reason?: string) => (error: unknown) => {
  assert.ok(error instanceof PipitError);
  assert.equal(error.code, code);
  assert.match(error.message, typeof message === 'string' ? new RegExp(`^${message}`) : message);
  if (reason !== undefined) assert.equal(error.reason, reason);
  return true;
};

test('wrong arguments are refused, connected or not, and nothing is asked', async () => {
  const { pipit, http } = newClient();
  const open = await connectedClient();
  for (const client of [pipit, open.pipit]) {
    await assert.rejects(client.getRealtimeGroups({ group: 'tea' } as never), refusal('INVALID_PARAMETER', '"group" is no member of "params"'));
    await assert.rejects(client.getRealtimeUsers({}, { page: 2 } as never), refusal('INVALID_PARAMETER', '"page" is no member of "fetchOptions"'));
    await assert.rejects(client.getRealtimeGroups({ value: NaN }), refusal('INVALID_PARAMETER', '"value" must be a finite number'));
    await assert.rejects(client.getRealtimeUsers(), refusal('INVALID_REQUEST', 'No group is joined', 'no_group'));
  }
  assert.equal(http.asked.length, 0);
  assert.deepEqual(open.socket.commands.map(({ op }) => op), ['connect']);
});

test('without a connection it asks over HTTP, until the page is full', async () => {
  const { pipit, http } = newClient();
  const asking = pipit.getRealtimeGroups(null, { limit: 2 });
  await http.answer(200, { list: [DEN], startKey: { cursor: 'a' } });
  await http.answer(200, { list: [TEA], startKey: 'end' });
  assert.deepEqual(await asking, { list: [DEN, TEA], ...END });
  assert.deepEqual(http.asked.map(({ url, token }) => `${decodeURIComponent(url)} ${token}`), [
    'https://example.org/v1/groups?limit=2 T1',
    'https://example.org/v1/groups?limit=1&startKey={"cursor":"a"} T1',
  ]);
});

test('over HTTP the refusal of the server is the caller\'s', async () => {
  const { pipit, http } = newClient();
  const rejected = assert.rejects(pipit.getRealtimeGroups(), refusal('INVALID_REQUEST', 'No permission', 'not_permitted'));
  await http.answer(403, { code: 'INVALID_REQUEST', reason: 'not_permitted', message: 'No permission to see this.', retry: false });
  await rejected;
});

test('with a connection it asks over that one', async () => {
  const { pipit, http, socket } = await connectedClient();
  const asking = pipit.getRealtimeGroups({ searchFor: 'number_of_users', value: 1, condition: '>' }, { limit: 5, ascending: false });
  await settled();
  const { id: _id, ...members } = socket.commands.at(-1)!;
  assert.deepEqual(members, { op: 'groups', searchFor: 'number_of_users', value: 1, condition: '>', ascending: false, limit: 5 });
  socket.ok('groups', { list: [TEA], startKey: 'end' });
  assert.deepEqual(await asking, { list: [TEA], ...END });
  assert.equal(http.asked.length, 0);
});

test('users without a group are those of the joined one, page after page, whatever is joined meanwhile', async () => {
  const { pipit, socket } = await connectedClient();
  const joining = pipit.joinRealtime({ group: 'tea' });
  const asking = pipit.getRealtimeUsers(undefined, { limit: 1 });
  await settled();
  socket.ok('join', { group: 'tea', message: '' });
  socket.ok('users', { list: [{ user_id: 'ann', cid: 'cid:a' }], startKey: { cursor: 'a' } });
  await joining;
  assert.deepEqual((await asking).list, [{ user_id: 'ann', cid: 'cid:a' }]);
  const more = pipit.getRealtimeUsers({ group: 'tea' }, { limit: 1, fetchMore: true });
  await settled();
  const { id: _id, ...members } = socket.commands.at(-1)!;
  assert.deepEqual(members, { op: 'users', group: 'tea', limit: 1, startKey: { cursor: 'a' } });
  socket.ok('users', { list: [], startKey: 'end' });
  assert.equal((await more).endOfList, true);
});

test('a page of which the connection is lost in the middle is finished over HTTP or the next connection', async () => {
  const { pipit, socket, http, server, clock } = await connectedClient();
  const [first, second] = [pipit.getRealtimeGroups(null, { limit: 2 }), pipit.getRealtimeGroups({ searchFor: 'group' })];
  await settled();
  const asked = socket.commands.find(({ op }) => op === 'groups');
  socket.write({ id: asked?.id, ok: { list: [DEN], startKey: { cursor: 'a' } } });
  socket.lose();
  await http.answer(200, { list: [TEA], startKey: 'end' });
  assert.deepEqual((await first).list, [DEN, TEA]);
  await clock.pass(250);
  const next = await server.signIn();
  next.ok('groups', { list: [DEN], startKey: 'end' });
  assert.deepEqual((await second).list, [DEN]);
});

test('closing refuses what is asked', async () => {
  const { pipit } = await connectedClient();
  const rejected = assert.rejects(pipit.getRealtimeGroups(), refusal('INVALID_REQUEST', 'Realtime connection is not open.', 'not_open'));
  await settled();
  await pipit.closeRealtime();
  await rejected;
});

test('an error thrown by progress is reported and harms nothing', async () => {
  const { pipit, http, reported } = newClient();
  const thrown = new Error('of the application');
  const progress = () => {
    throw thrown;
  };
  const asking = pipit.getRealtimeGroups(null, { progress });
  await http.answer(200, { list: [TEA], startKey: 'end' });
  assert.deepEqual((await asking).list, [TEA]);
  assert.deepEqual(reported, [thrown]);
});

test('a form is read, its empty fields left out, and its numbers numbers', async () => {
  const { pipit, http } = newClient();
  const form = new FormData();
  for (const [name, value] of [['searchFor', 'number_of_users'], ['value', '2'], ['condition', '>='], ['range', '']] as const) form.append(name, value);
  const asking = pipit.getRealtimeGroups(form);
  await http.answer(200, { list: [], startKey: 'end' });
  await asking;
  assert.deepEqual(Object.fromEntries(new URL(http.asked[0]!.url).searchParams), { searchFor: 'number_of_users', value: '2', condition: '>=' });
  form.append('limit', '5');
  await assert.rejects(pipit.getRealtimeGroups(form), refusal('INVALID_PARAMETER', '"limit" is no member of "params"'));
});

// Watching

test('watching needs a connection and a function', async () => {
  const { pipit } = newClient();
  await assert.rejects(pipit.watchRealtimeGroups(null, undefined as never), refusal('INVALID_REQUEST', 'Callback must be a function.'));
  await assert.rejects(pipit.watchRealtimeUsers({ group: 'tea' }, () => {}), refusal('INVALID_REQUEST', 'No realtime connection.'));
});

async function setUpWatching(callback: (change: ListChange<GroupRow>) => void) {
  const all = await connectedClient();
  const watching = all.pipit.watchRealtimeGroups(null, callback);
  await settled();
  all.socket.ok('watch', { watch: 'W', version: 1, list: [TEA], endOfList: true });
  const watch = await watching;
  const change = (version: number, put: unknown[]) => ({ ev: 'watch', watch: 'W', version, gone: [], put, endOfList: true });
  return { ...all, watch, change };
}

test('a watch calls back until it is stopped', async () => {
  const changes: ListChange<GroupRow>[] = [];
  const { socket, watch, change } = await setUpWatching((told) => changes.push(told));
  socket.write(change(2, [[0, DEN]]));
  watch.stop();
  watch.stop();
  socket.write(change(3, [[0, { group: 'late', number_of_users: 1 }]]));
  await settled();
  assert.deepEqual(changes, [
    { list: [TEA], added: [TEA], removed: [], changed: [], endOfList: true },
    { list: [DEN, TEA], added: [DEN], removed: [], changed: [], endOfList: true },
  ]);
  assert.deepEqual(socket.commands.slice(1).map(({ op }) => op), ['watch', 'unwatch']);
});

test('a watch that is stopped from within its callback hears nothing more, not even of the same message', async () => {
  let calls = 0;
  const holder: { watch?: Watch } = {};
  const { socket, watch, change } = await setUpWatching(() => {
    calls += 1;
    holder.watch?.stop();
  });
  holder.watch = watch;
  socket.write(change(2, [[0, DEN]]), change(3, [[1, { group: 'late', number_of_users: 1 }]]));
  assert.equal(calls, 2);
});

test('an error thrown by a watch\'s callback is reported and harms nothing', async () => {
  const thrown = new Error('of the application');
  const { socket, reported, change } = await setUpWatching(() => {
    throw thrown;
  });
  socket.write(change(2, [[0, DEN]]));
  assert.deepEqual(reported, [thrown, thrown]);
});

test('closing ends a watch', async () => {
  let calls = 0;
  const { pipit, watch } = await setUpWatching(() => void (calls += 1));
  await pipit.closeRealtime();
  watch.stop();
  assert.equal(calls, 1);
});

const SAID = { offset: 41, user: 'bob', cid: 'cid:BBBBBBBBBBBBBBBB', data: { text: 'hi' }, age_ms: 310 };
const PAGE = { list: [SAID], epoch: 'e', startKey: { epoch: 'e', offset: 41 } };
const ROW = { message: { text: 'hi' }, sender: 'bob', sender_cid: SAID.cid, sender_rid: 'tea', offset: 41 };

test('the history of the joined group is asked for over the open connection, and told in the form of messages', async () => {
  const { pipit, socket, clock } = await connectedClient();
  const joining = pipit.joinRealtime({ group: 'tea' });
  await settled();
  socket.ok('join', { group: 'tea', message: '', epoch: 'e', offset: 50 });
  await joining;
  clock.nowMs = 10_000;
  const asking = pipit.getRealtimeHistory({ limit: 1 });
  await settled();
  const { id: _id, ...asked } = socket.commands.at(-1)!;
  assert.deepEqual(asked, { op: 'history', group: 'tea', limit: 1 });
  socket.ok('history', PAGE);
  const startKeyHistory = [JSON.stringify(PAGE.startKey)];
  assert.deepEqual(await asking, { list: [{ ...ROW, sent_at: 9_690 }], startKey: PAGE.startKey, endOfList: false, startKeyHistory });
  const older = pipit.getRealtimeHistory({ before: PAGE.startKey });
  await settled();
  assert.deepEqual(socket.commands.at(-1)!.before, PAGE.startKey);
  socket.ok('history', { list: [], epoch: 'e', startKey: 'end' });
  assert.deepEqual((await older).list, []);
});

test('without a connection the history is asked for over HTTP', async () => {
  const { pipit, http } = newClient();
  const asking = pipit.getRealtimeHistory({ group: 'tea', before: { epoch: 'e', offset: 42 } }, { limit: 1 });
  await http.answer(200, PAGE);
  assert.equal((await asking).list[0]!.sender_rid, 'tea');
  assert.equal(decodeURIComponent(http.asked[0]!.url), 'https://example.org/v1/history?group=tea&limit=1&before={"epoch":"e","offset":42}');
});

test('a history takes a form, and refuses what it cannot do', async () => {
  const { pipit, http } = newClient();
  const form = new FormData();
  form.set('group', 'tea');
  const asking = pipit.getRealtimeHistory(form);
  await http.answer(200, { list: [], epoch: 'e', startKey: 'end' });
  assert.deepEqual(await asking, { list: [], ...END });
  for (const [name, value] of [['limit', '20'], ['before[epoch]', 'e'], ['before[offset]', '41']] as const) form.set(name, value);
  const page = pipit.getRealtimeHistory(form);
  await http.answer(200, { list: [], epoch: 'e', startKey: 'end' });
  await page;
  assert.equal(decodeURIComponent(http.asked[1]!.url), 'https://example.org/v1/history?group=tea&limit=20&before={"epoch":"e","offset":41}');
  await assert.rejects(pipit.getRealtimeHistory(), refusal('INVALID_REQUEST', 'No group is joined', 'no_group'));
  await assert.rejects(pipit.getRealtimeHistory({ group: 'tea' }, { ascending: false }), refusal('INVALID_PARAMETER', '"ascending" is not possible'));
  await assert.rejects(pipit.getRealtimeHistory({ user_id: 'bob' } as never), refusal('INVALID_PARAMETER', '"user_id" is no member of "params"'));
  await assert.rejects(pipit.getRealtimeHistory({ before: 5 } as never), refusal('INVALID_PARAMETER', '"before" must be an object'));
  const odd = pipit.getRealtimeHistory({ group: 'tea' });
  const refused = assert.rejects(odd, refusal('ERROR', 'The server gave an answer that is no history.', 'bad_answer'));
  await http.answer(200, { list: [null], epoch: 'e', startKey: 'end' });
  await refused;
});
