import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { check_message } from './subscriptions.mjs';

// Of each delivery to everyone; picked by chance.
const messages_checked = 50;

/** What is measured of whoever sends; each call runs it once, on the core of the senders, and resolves to figures. */
export class Measurements {
  #options;
  #given;
  #payload;

  /** `given`: the running service, its subscriptions, the file that programs read them from, and what is sent to them. */
  constructor(options, given) {
    this.#options = options;
    this.#given = given;
    this.#payload = JSON.stringify(given.notification);
  }

  /** A program makes requests for some time, and sends none. */
  async seal(command) {
    const { count, wall_s, cpu_s } = await this.#run(['seal', '--seconds', this.#options.seconds], command);
    return { per_cpu_s: count / cpu_s, per_s: count / wall_s, cpu_us_each: (cpu_s / count) * 1e6 };
  }

  /** A program sends to each subscription. */
  send(command) {
    return this.#deliver(() => this.#run(['send', '--ca', this.#given.service.ca_file], command));
  }

  /** A PipitServer pushes to everyone. */
  push(server) {
    return this.#deliver(() => server.push(this.#given.notification, this.#options.count));
  }

  async #run([subcommand, ...its_arguments], [program, ...before]) {
    const given = ['--subscriptions', this.#given.subscriptions_file, '--payload', this.#payload];
    const command = [program, ...before, ...given, subcommand, ...its_arguments];
    const { stdout } = await promisify(execFile)('taskset', ['-c', this.#options.sender_core, ...command].map(String));
    return JSON.parse(stdout);
  }

  /** From the call, of which `send` tells, to the last 201. */
  async #deliver(send) {
    const { service, subscriptions } = this.#given;
    const { count } = this.#options;
    const keep = Array.from({ length: messages_checked }, () => Math.floor(Math.random() * count));
    const [received, sent] = await Promise.all([service.count(count, keep), send()]);
    for (const message of received.kept) {
      check_message(subscriptions[message.index], message, { payload: this.#payload, origin: service.origin });
    }
    const delivering_s = Number(BigInt(received.last_ns) - BigInt(sent.began_ns)) / 1e9;
    const each_us = (seconds) => (seconds / count) * 1e6;
    return {
      per_s: count / delivering_s,
      cpu_us_each: each_us(sent.cpu_s),
      rss_max_bytes: sent.rss_max_bytes,
      sender_cpu_share: sent.cpu_s / sent.wall_s,
      service_cpu_share: received.cpu_s / delivering_s,
      service_max_per_s: received.requests / received.cpu_s,
      sent_twice: received.requests - count,
      ...(sent.acknowledged_s && { acknowledged_ms: sent.acknowledged_s * 1e3, written_down_s: sent.wall_s }),
      ...Object.fromEntries(Object.entries(sent.cpu_s_by_thread ?? {}).map(([name, s]) => [`cpu_us_each_${name}`, each_us(s)])),
    };
  }
}
