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

// A world whose server trusts the push service.
function withPush(services) {
  let world;
  before(async () => {
    const settings = { 'push.ca_file': join(folder, 'ca.pem'), 'push.allowed_hosts': service.host, 'push.confirm_timeout_ms': 2_000 };
    world = await World.start({ way: 'planted', services, settings });
  });
  afterEach(() => world?.part());
  after(() => world?.stop());
  return { world: () => world, service: () => service };
}

describe('notifications', () => notifications(withPush([TEA])));
describe('two services', () => apart(withPush([TEA, DEN])));
