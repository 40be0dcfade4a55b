// Measures what it costs that nothing is lost, in turns, and writes bench/results/history.json and history.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from '../harness/build.mjs';
import { summarise } from '../harness/figures.mjs';
import { describe_machine } from '../harness/machine.mjs';
import { add_to_redis, insert_into_sqlite, levels, post_to_pipit, recover, recovering } from './contenders.mjs';
import { read_options } from './options.mjs';
import { outstandings, page } from './report.mjs';

const asked = read_options();
if (asked.built_dir === undefined) build(['pipit', 'bench_load', 'bench_sqlite_inserts']);
const options = { ...asked, folder: asked.folder ?? tmpdir(), bin_dir: resolve(asked.built_dir ?? 'build/release', 'bin') };
const load_before = loadavg();

const runs = { posts: {}, recovery: {} };
async function measure({ title, rounds }, name, round, measuring) {
  const figures = await measuring();
  (rounds[name] ??= []).push(figures);
  console.error(`${title} ${round}/${options.rounds} ${name} ${JSON.stringify(figures)}`);
}

// Round by round, and within a round in turns: what else the machine does then hits all of them alike.
for (let round = 1; round <= options.rounds; ++round) {
  // Its transactions stand in a queue, however many wait: the time of one is that without others before it.
  const sqlite = await insert_into_sqlite(options);
  for (const outstanding of outstandings) {
    const rounds = (runs.posts[outstanding] ??= {});
    const of = (name, measuring) => measure({ title: `posts, ${outstanding} outstanding`, rounds }, name, round, measuring);
    for (const level of Object.keys(levels)) await of(level, () => post_to_pipit(level, outstanding, options));
    await of('sqlite', async () => sqlite);
    for (const appendfsync of ['always', 'everysec']) {
      await of(`redis_${appendfsync}`, () => add_to_redis(appendfsync, outstanding, options));
    }
  }
  for (const level of Object.keys(recovering)) {
    for (const missed of [0, options.missed]) {
      const name = `${level}, ${missed} missed`;
      await measure({ title: 'recovery', rounds: runs.recovery }, name, round, () => recover(level, missed, options));
    }
  }
}

const summarise_all = (by_name) => Object.fromEntries(Object.entries(by_name).map(([name, rounds]) => [name, summarise(rounds)]));
const results = {
  machine: describe_machine(),
  load_average: { before: load_before, after: loadavg() },
  options,
  figures: {
    posts: Object.fromEntries(outstandings.map((count) => [count, summarise_all(runs.posts[count])])),
    recovery: summarise_all(runs.recovery),
  },
  runs,
};
mkdirSync(options.results_dir, { recursive: true });
const text = page(results);
writeFileSync(join(options.results_dir, 'history.json'), `${JSON.stringify(results, null, 2)}\n`);
writeFileSync(join(options.results_dir, 'history.md'), text);
console.log(text);
