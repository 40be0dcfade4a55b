// A Pipit server that trusts a PushService of the test's, and what its clients say about notifications.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { deadlineMs } from '../integration/support/deadline.mjs';
import { startServer } from '../integration/support/server.mjs';

// `ca`: the file of the authority of the services; `services`: all that has a `host`. The server's waits are short.
export function startPusher(t, { ca, services, settings = {}, ...options }) {
  const all = {
    'push.ca_file': ca,
    'push.allowed_hosts': services.map(({ host }) => host).join(','),
    'push.retry_first_ms': 20,
    'push.retry_max_ms': 40,
    'limits.commands_per_second': 10_000,
    'limits.commands_burst': 10_000,
    ...settings,
  };
  return startServer(t, { settings: all, flags: ['--log-level', 'debug'], ...options });
}

export async function ok(reply) {
  const { ok: content, error } = await reply;
  assert.ok(content, JSON.stringify(error));
  return content;
}

export const signInAdmin = (server, user) => server.signIn(user, { token: server.token(user, { role: 'admin' }) });

export const subscribe = (client, browser) => ok(client.request({ op: 'subscribe', ...browser.subscription }));

export const titled = (title, more = {}) => ({ title, body: `about ${title}`, ...more });

// Starts a push and returns its id; without `users` it is to everyone.
export async function push(admin, notification, users) {
  const whom = users === undefined ? { everyone: true } : { users };
  return (await ok(admin.request({ op: 'push', notification, ...whom }))).push;
}

// The progress of a push once it is finished. The server has no event for that, so it is asked until then.
export async function finished(admin, id, ms = deadlineMs) {
  const deadline = performance.now() + ms;
  for (;;) {
    const { finished: isFinished, ...progress } = await ok(admin.request({ op: 'pushed', push: id }));
    if (isFinished) return progress;
    assert.ok(performance.now() < deadline, `push ${id} is not finished: ${JSON.stringify(progress)}`);
    await setTimeout(10);
  }
}

// What finished() tells when everything has ended in the ways named, { delivered: 2 } for example.
export function ended(outcomes) {
  const reached = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return { reached, waiting: 0, delivered: 0, gone: 0, refused: 0, expired: 0, ...outcomes };
}
