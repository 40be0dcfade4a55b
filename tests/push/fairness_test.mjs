// One push service that does not answer, and what becomes of the notifications for the others.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CertificateAuthority } from '../integration/support/certificates.mjs';
import { temporaryFolder } from '../integration/support/program.mjs';
import { Browser } from './browser.mjs';
import { ok, push, signInAdmin, startPusher, subscribe, titled } from './pusher.mjs';
import { PushService } from './service.mjs';

const folder = temporaryFolder({ after });
const tls = new CertificateAuthority(folder).issue();

test('a push to everyone gets on although one service keeps silent with hundreds of it', async (t) => {
  const [silent, good] = [await PushService.start(tls), await PushService.start(tls)];
  t.after(() => good.close());
  // No attempt ends by itself before this test does.
  const settings = {
    'push.transfer_timeout_ms': 120_000,
    'push.in_flight_max': 20,
    'push.in_flight_per_origin_max': 10,
  };
  const server = await startPusher(t, { ca: join(folder, 'ca.pem'), services: [silent, good], settings });
  const browsersOf = async (service, answers) => {
    const client = await server.signIn(randomUUID());
    const browsers = Array.from({ length: 20 }, () => new Browser(service, { answers }));
    await Promise.all(browsers.map((browser) => subscribe(client, browser)));
    return browsers;
  };
  for (let users = 0; users < 3; users += 1) await browsersOf(silent, ['/silent']);
  const reached = [...(await browsersOf(good)), ...(await browsersOf(good)), ...(await browsersOf(good))];
  const admin = await signInAdmin(server, randomUUID());
  const id = await push(admin, titled('to all'));
  await Promise.all(reached.map((browser) => browser.has(1)));
  let progress;
  do progress = await ok(admin.request({ op: 'pushed', push: id }));
  while (progress.delivered < reached.length);
  assert.deepEqual([progress.reached, progress.waiting, progress.finished], [120, 60, false]);
  silent.close(); // or the server would give it time when it stops
});
