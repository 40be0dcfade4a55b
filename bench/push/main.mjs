// Measures what notifications cost Pipit and npm web-push, in turns, and writes bench/results/push.json and push.md.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, install_npm_servers } from '../harness/build.mjs';
import { summarise } from '../harness/figures.mjs';
import { describe_machine } from '../harness/machine.mjs';
import { read_options } from './options.mjs';
import { PushService } from './push_service.mjs';
import { judge, page } from './report.mjs';

const notification = {
  title: 'Your table is ready',
  body: 'Ann and two others are waiting for you at the tea room on the corner.',
  icon: 'https://app.example.com/icons/table-192.png',
  url: 'https://app.example.com/tables/4711',
  tag: 'table-4711',
};

const options = read_options();
if (options.built_dir === undefined) build(['pipit', 'bench_push']);
install_npm_servers();
// These need what has been installed just now.
const { Measurements } = await import('./measurements.mjs');
const { PipitServer } = await import('./pipit_server.mjs');
const { as_lines, make_subscriptions } = await import('./subscriptions.mjs');

const bin_dir = resolve(options.built_dir ?? 'build/release', 'bin');
const dir = mkdtempSync(join(tmpdir(), 'pipit-bench-push-'));
const load_before = loadavg();
const runs = {};
const running = [];
try {
  const service = await PushService.start({ core: options.service_core, dir });
  running.push(service);
  const subscriptions = make_subscriptions(service.origin, options.count);
  const subscriptions_file = join(dir, 'subscriptions');
  writeFileSync(subscriptions_file, as_lines(subscriptions));

  const start_pipit = async (parent_dir) => {
    const server = await PipitServer.start(service, { core: options.sender_core, bin_dir, parent_dir });
    running.unshift(server);
    await server.subscribe(subscriptions);
    return server;
  };
  console.error(`subscribing ${options.count} browsers`);
  const on_disk = await start_pipit(tmpdir());
  const in_memory = await start_pipit('/dev/shm');

  const measurements = new Measurements(options, { service, subscriptions, subscriptions_file, notification });
  const bench_push = [join(bin_dir, 'bench_push')];
  const web_push = [process.execPath, join(import.meta.dirname, 'web_push.mjs')];
  const parts = {
    seal: {
      pipit: () => measurements.seal(bench_push),
      web_push: () => measurements.seal(web_push),
    },
    deliver: {
      pipit: () => measurements.push(on_disk),
      in_memory: () => measurements.push(in_memory),
      sender: () => measurements.send(bench_push),
      web_push: () => measurements.send([...web_push, '--sockets', options.sockets]),
    },
  };
  // Round by round, and within a round in turns: what else the machine does then hits all of them alike.
  for (let round = 1; round <= options.rounds; ++round) {
    for (const [part, senders] of Object.entries(parts)) {
      for (const [name, measure] of Object.entries(senders)) {
        const figures = await measure();
        ((runs[part] ??= {})[name] ??= []).push(figures);
        console.error(`${part} ${round}/${options.rounds} ${name} ${JSON.stringify(figures)}`);
      }
    }
  }
} finally {
  for (const process of running) await process.stop();
  rmSync(dir, { recursive: true });
}

const summarise_all = (by_name) => Object.fromEntries(Object.entries(by_name).map(([name, rounds]) => [name, summarise(rounds)]));
const results = {
  machine: describe_machine(),
  load_average: { before: load_before, after: loadavg() },
  options,
  payload_bytes: JSON.stringify(notification).length,
  targets: judge(runs),
  figures: { seal: summarise_all(runs.seal), deliver: summarise_all(runs.deliver) },
  runs,
};
mkdirSync(options.results_dir, { recursive: true });
const text = page(results);
writeFileSync(join(options.results_dir, 'push.json'), `${JSON.stringify(results, null, 2)}\n`);
writeFileSync(join(options.results_dir, 'push.md'), text);
console.log(text);
process.exitCode = results.targets.every(({ met }) => met) ? 0 : 1;
