// The SDK and the server, as an application uses them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipit } from '../../clients/js/dist/node.mjs';
import { Waiters } from './support/deadline.mjs';
import { startServer } from './support/server.mjs';
import { ann, bob } from './support/users.mjs';

// A connected user; `next(type)` waits for the next thing of that type that the callback gets.
async function connect(t, url, getToken) {
  const pipit = new Pipit({ url, getToken });
  const waiters = new Waiters();
  const received = [];
  t.after(() => pipit.closeRealtime());
  await pipit.connectRealtime((rt) => {
    received.push(rt);
    waiters.changed();
  });
  const next = (type) =>
    waiters.until(() => {
      const index = received.findIndex((rt) => rt.type === type);
      return index < 0 ? undefined : received.splice(0, index + 1).pop();
    }, `a "${type}"`);
  return { pipit, next };
}

test('a token that is refused rejects with the reason', async (t) => {
  const server = await startServer(t);
  const pipit = new Pipit({ url: `http://127.0.0.1:${server.port}`, token: 'no' });
  await assert.rejects(
    pipit.connectRealtime(() => {}),
    { reason: 'token_refused' },
  );
});

test('two users talk: group, private, notices, and the answers of the contract', async (t) => {
  const server = await startServer(t, { flags: ['--workers', '2'] });
  const url = `http://127.0.0.1:${server.port}`;
  const a = await connect(t, url, () => server.token(ann));
  const b = await connect(t, url, () => server.token(bob));
  assert.equal((await a.next('success')).message, 'Connected to WebSocket server.');

  assert.deepEqual(await a.pipit.joinRealtime({ group: 'tea room' }), {
    type: 'success',
    message: 'Joined realtime message group: "tea room".',
  });
  await b.pipit.joinRealtime({ group: 'tea room' });
  const notice = await a.next('notice');
  assert.deepEqual(
    [notice.code, notice.sender, notice.message],
    ['USER_JOINED', bob, `User "${bob}" has joined the message group.`],
  );

  for (const message of [0, '', false, null, [1, [2]], { text: 'ü🫖' }]) {
    assert.deepEqual(await b.pipit.postRealtime(message, 'tea room'), { type: 'success', message: 'Message sent.' });
    const got = await a.next('message');
    assert.deepEqual(
      [got.message, got.sender, got.sender_cid, got.sender_rid],
      [message, bob, b.pipit.user.cid, 'tea room'],
    );
  }
  await a.pipit.postRealtime('psst', bob);
  assert.deepEqual([(await b.next('private')).message], ['psst']);
  await assert.rejects(a.pipit.postRealtime('x', 'coffee'), {
    code: 'INVALID_REQUEST',
    message: "User has not joined to the recipient group. Run joinRealtime('...')",
  });
  assert.deepEqual(await b.pipit.joinRealtime({ group: null }), {
    type: 'success',
    message: 'Left realtime message group.',
  });
  assert.equal((await a.next('notice')).code, 'USER_LEFT');
});

test('a server that is replaced by another finds its clients again, in their group', async (t) => {
  const drain = { 'drain.spread_ms': 200 };
  const first = await startServer(t, { settings: drain });
  const url = `http://127.0.0.1:${first.port}`;
  const a = await connect(t, url, () => first.token(ann));
  await a.pipit.joinRealtime({ group: 'tea' });
  await a.next('success');
  await first.stop();

  await startServer(t, { data: first.data, listen: `127.0.0.1:${first.port}` });
  await a.next('reconnect');
  await a.next('success');
  await a.pipit.postRealtime('again', 'tea');
  assert.equal((await a.next('message')).message, 'again');
});
