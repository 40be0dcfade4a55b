// npm web-push doing what bench_push and the server do:
//
//   web_push.mjs --subscriptions FILE --payload TEXT seal --seconds N
//   web_push.mjs --subscriptions FILE --payload TEXT send --ca FILE --sockets N
//
// Prints what they print.
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const web_push = createRequire(new URL('../servers/package.json', import.meta.url))('web-push');

const text = { type: 'string' };
const { values: options, positionals } = parseArgs({
  options: { subscriptions: text, payload: text, seconds: text, ca: text, sockets: text },
  allowPositionals: true,
});

const subscriptions = readFileSync(options.subscriptions, 'utf8').trimEnd().split('\n').map((line) => {
  const [endpoint, p256dh, auth] = line.split(' ');
  return { endpoint, keys: { p256dh, auth } };
});

const { publicKey, privateKey } = web_push.generateVAPIDKeys();
web_push.setVapidDetails('mailto:push@example.com', publicKey, privateKey);
const delivery = { TTL: 86_400, urgency: 'normal' };

class Clock {
  #began_ns = process.hrtime.bigint();
  #cpu = process.cpuUsage();

  /** What `count` of them took since this was made. */
  report(count) {
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      count,
      began_ns: String(this.#began_ns),
      wall_s: Number(process.hrtime.bigint() - this.#began_ns) / 1e9,
      cpu_s: (user + system) / 1e6,
      rss_max_bytes: process.resourceUsage().maxRSS * 1_024,
    };
  }
}

function seal_for(seconds) {
  const clock = new Clock();
  const end = performance.now() + seconds * 1_000;
  let count = 0;
  while (performance.now() < end) {
    web_push.generateRequestDetails(subscriptions[count % subscriptions.length], options.payload, delivery);
    count += 1;
  }
  return clock.report(count);
}

async function send_to_all() {
  const sockets = Number(options.sockets);
  const agent = new Agent({ keepAlive: true, maxSockets: sockets, ca: readFileSync(options.ca) });
  const waiting = subscriptions.values();
  const send_next = async () => {
    // The iterator is shared, so that each subscription is somebody's.
    for (const subscription of waiting) await web_push.sendNotification(subscription, options.payload, { ...delivery, agent });
  };
  const clock = new Clock();
  await Promise.all(Array.from({ length: sockets }, send_next));
  const report = clock.report(subscriptions.length);
  agent.destroy();
  return report;
}

if (positionals[0] === 'seal') {
  seal_for(Number(options.seconds) / 5); // until it is compiled
  console.log(JSON.stringify(seal_for(Number(options.seconds))));
} else {
  console.log(JSON.stringify(await send_to_all()));
}
