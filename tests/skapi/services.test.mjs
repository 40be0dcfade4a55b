// Notifications of skapi-js, and two services that never see each other.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, afterEach, describe } from 'node:test';
import { CertificateAuthority } from '../integration/support/certificates.mjs';
import { PushService } from '../push/service.mjs';
import { apart } from './suites/apart.mjs';
import { notifications } from './suites/push.mjs';
import { DEN, TEA, World } from './support/world.mjs';

const folder = mkdtempSync(join(tmpdir(), 'pipit-skapi-push-'));
let service;
before(async () => (service = await PushService.start(new CertificateAuthority(folder).issue())));
after(() => {
  service?.close();
  rmSync(folder, { recursive: true });
});

// A world whose server trusts the push service; `way` is how its pages find the server.
function withPush(services, way) {
  let world;
  before(async () => {
    const settings = { 'push.ca_file': join(folder, 'ca.pem'), 'push.allowed_hosts': service.host, 'push.confirm_timeout_ms': 5_000 };
    world = await World.start({ way, services, settings });
  });
  afterEach(() => world?.part());
  after(() => world?.stop());
  return { world: () => world, service: () => service };
}

for (const [what, way] of [['over http', 'planted'], ['over https', '?']]) {
  describe(`notifications ${what}`, () => notifications(withPush([TEA], way)));
  describe(`two services ${what}`, () => apart(withPush([TEA, DEN], way)));
}
