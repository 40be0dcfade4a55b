import { setTimeout as delay } from 'node:timers/promises';
import { cpu_s_by_thread, rss_max_bytes } from '../harness/processes.mjs';
import { RunningServer, servers } from '../harness/servers.mjs';
import { PipitClient } from './pipit_client.mjs';

const devices_per_user = 10;
const progress_interval_ms = 20;
const admin = 'ffffffff-0000-4000-8000-000000000000';
const user_id = (number) => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

// The way to a push service on loopback; all else is as it is delivered.
const settings_for = (service) => ({
  'push.allowed_hosts': service.host,
  'push.ca_file': service.ca_file,
  'push.subject': 'mailto:push@example.com',
});

/** Pipit, to whose database subscriptions can be given, and which then can be told to push. */
export class PipitServer {
  #running;
  #admin;

  /** Its data are in a new folder inside `parent_dir`. */
  static async start(service, place) {
    const settings = Object.entries(settings_for(service)).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    const started = new PipitServer();
    started.#running = await RunningServer.start(
      { ...servers.pipit, command: (where) => [...servers.pipit.command(where), ...settings] },
      place,
    );
    try {
      started.#admin = await PipitClient.sign_in(started.#running, admin, { role: 'admin' });
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  }

  async subscribe(subscriptions) {
    for (let first = 0; first < subscriptions.length; first += devices_per_user) {
      const user = await PipitClient.sign_in(this.#running, user_id(first));
      const theirs = subscriptions.slice(first, first + devices_per_user);
      await Promise.all(
        theirs.map(({ endpoint, p256dh, auth }) => user.call('subscribe', { endpoint, keys: { p256dh, auth } })),
      );
      user.close();
    }
  }

  /** Pushes to everyone; resolves when the server knows of each subscription that it was reached. */
  async push(notification, count) {
    const { pid } = this.#running;
    const cpu_before = cpu_s_by_thread(pid);
    const began_ns = process.hrtime.bigint();
    const { push } = await this.#admin.call('push', { notification, everyone: true });
    const acknowledged_ns = process.hrtime.bigint();
    let progress = {};
    while (!progress.finished) {
      await delay(progress_interval_ms);
      progress = await this.#admin.call('pushed', { push });
    }
    const finished_ns = process.hrtime.bigint();
    if (progress.delivered !== count) throw new Error(`not delivered to everyone: ${JSON.stringify(progress)}`);
    const cpu_s = Object.entries(cpu_s_by_thread(pid)).map(([name, after]) => [name, after - (cpu_before[name] ?? 0)]);
    return {
      began_ns: String(began_ns),
      acknowledged_s: Number(acknowledged_ns - began_ns) / 1e9,
      wall_s: Number(finished_ns - began_ns) / 1e9,
      cpu_s: cpu_s.reduce((sum, [, seconds]) => sum + seconds, 0),
      cpu_s_by_thread: Object.fromEntries(cpu_s),
      rss_max_bytes: rss_max_bytes(pid),
    };
  }

  async stop() {
    this.#admin?.close();
    await this.#running.stop();
  }
}
