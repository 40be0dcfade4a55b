// What bench/run does: builds, measures every server in every scenario in turns, writes the results.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, install_npm_servers } from './build.mjs';
import { judge, summarise } from './figures.mjs';
import { describe_machine } from './machine.mjs';
import { measure } from './measure.mjs';
import { read_options } from './options.mjs';
import { plot } from './plot.mjs';
import { servers } from './servers.mjs';
import { page } from './table.mjs';

process.chdir(join(import.meta.dirname, '../..'));
const options = read_options(Object.keys(servers));

const chosen = options.servers.map((name) => servers[name]);
if (options.built_dir === undefined) build(['bench_load', ...chosen.flatMap(({ targets }) => targets ?? [])]);
if (chosen.some(({ npm }) => npm)) install_npm_servers();

const runs = {};
const failures = [];
for (const scenario of options.scenarios) {
  runs[scenario] = Object.fromEntries(options.servers.map((name) => [name, []]));
  // Round by round, not server by server: what else the machine does then hits all of them alike.
  for (let round = 1; round <= options.rounds; ++round) {
    for (const name of options.servers) {
      try {
        const figures = await measure(name, scenario, options);
        runs[scenario][name].push(figures);
        console.error(`${scenario} ${round}/${options.rounds} ${name} ${JSON.stringify(figures)}`);
      } catch (error) {
        failures.push(`${scenario}, round ${round}, ${name}: ${error.message}`);
        console.error(failures.at(-1));
      }
    }
  }
}

const figures = {};
for (const [scenario, by_server] of Object.entries(runs)) {
  const measured = Object.entries(by_server).filter(([, rounds]) => rounds.length > 0);
  figures[scenario] = Object.fromEntries(measured.map(([name, rounds]) => [name, summarise(rounds)]));
}
const results = { machine: describe_machine(), options, targets: judge(runs), figures, runs, failures };

mkdirSync(options.results_dir, { recursive: true });
const latest = join(options.results_dir, 'latest');
const text = page(results);
writeFileSync(`${latest}.json`, JSON.stringify(results, null, 2) + '\n');
writeFileSync(`${latest}.md`, text);
writeFileSync(`${latest}.svg`, plot(figures));
console.log(text);
console.log(`written: ${latest}.json, .md and .svg`);

const lossy = Object.values(figures).some((by_server) =>
  Object.values(by_server).some(({ lost, unacknowledged }) => lost?.max > 0 || unacknowledged?.max > 0),
);
const missed = results.targets.some(({ met }) => !met);
process.exitCode = failures.length > 0 || lossy || missed ? 1 : 0;
