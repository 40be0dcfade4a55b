// Measures lists of groups and members, judges them by their targets, and writes bench/results/lists.json and lists.md.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, install_npm_servers } from '../harness/build.mjs';

const help = `usage: bench/run-lists [options]

  --groups N      (100000)
  --members N     connections, each in one group (1000000; about 2 GB)
  --seconds N     for each question (5)
  --churn N       joins and leaves a second meanwhile (5000)
  --built DIR     programs of the release preset that are built already, in DIR/bin (builds build/release)
  --results DIR   where the results are written (bench/results)
`;

/** What is to be reached: p99 of a page inside the server, and memory. */
const targets = { p99_us: 1_000, bytes_per_member: 200 };

function read_options() {
  const text = (value) => ({ type: 'string', default: value });
  const { values } = parseArgs({
    options: {
      groups: text('100000'),
      members: text('1000000'),
      seconds: text('5'),
      churn: text('5000'),
      built: text(''),
      results: text('bench/results'),
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (!values.help) return values;
  console.log(help);
  process.exit(0);
}

/** The JSON object that a program prints. */
function measured(command, args) {
  return JSON.parse(execFileSync(command, args, { stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 24 }));
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

function report({ pipit, rooms, judgements }) {
  const rows = pipit.pages.map((page) => {
    const other = rooms.pages.find(({ question }) => question === page.question);
    const cells = [page.question, whole.format(page.asked), exact.format(page.p50_us), exact.format(page.p99_us), whole.format(page.max_us)];
    const against = other ? [whole.format(other.p50_us), `${whole.format(other.p50_us / page.p50_us)} ×`] : ['–', '–'];
    return `| ${[...cells, ...against].join(' | ')} |`;
  });
  return `# Lists

${whole.format(pipit.groups)} groups, ${whole.format(pipit.members)} members, ${whole.format(pipit.pages[0].joins_and_leaves_per_second)} joins and leaves a second meanwhile; pages of 50.
Times are inside the server, from the text of the question to the text of the answer. The last columns are the same page made from
socket.io's rooms in Node, without anything else going on: every room is looked at and what fits is sorted.

| page | asked | p50 µs | p99 µs | slowest µs | rooms p50 µs | ratio |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.join('\n')}

A join or leave takes ${exact.format(pipit.join_or_leave_ns / 1_000)} µs in all, notices to the others included; keeping the order is ${exact.format(pipit.order_ns / 1_000)} µs of it, ${whole.format(pipit.order_share * 100)} %.
A member takes ${whole.format(pipit.bytes_per_member)} bytes beyond its connection, its share of its group included.

${judgements.map(({ text, met }) => `- ${text}: ${met ? 'met' : '**missed**'}`).join('\n')}
`;
}

const options = read_options();
if (options.built === '') build(['bench_lists']);
install_npm_servers();
const size = ['--groups', options.groups, '--members', options.members, '--seconds', options.seconds];
const pipit = measured(join(options.built || 'build/release', 'bin/bench_lists'), [...size, '--churn', options.churn]);
console.error("socket.io's rooms ...");
const rooms = measured('node', [join(import.meta.dirname, 'rooms.mjs'), ...size]);
const slowest = Math.max(...pipit.pages.map(({ p99_us }) => p99_us));
const judgements = [
  { text: `p99 of every page ${exact.format(slowest)} µs, at most ${whole.format(targets.p99_us)}`, met: slowest <= targets.p99_us },
  {
    text: `${whole.format(pipit.bytes_per_member)} bytes a member, at most ${targets.bytes_per_member}`,
    met: pipit.bytes_per_member <= targets.bytes_per_member,
  },
];
const text = report({ pipit, rooms, judgements });
writeFileSync(join(options.results, 'lists.json'), `${JSON.stringify({ pipit, rooms, judgements }, null, 2)}\n`);
writeFileSync(join(options.results, 'lists.md'), text);
console.log(text);
process.exitCode = judgements.every(({ met }) => met) ? 0 : 1;
