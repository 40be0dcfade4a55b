import { compare, spread } from '../harness/figures.mjs';
import { markdown_table, percent, three_digits, whole } from '../harness/format.mjs';

const titles = {
  pipit: 'Pipit',
  in_memory: 'Pipit, its database in memory',
  sender: "Pipit's sender alone",
  web_push: 'npm web-push',
};

/** How often Pipit is to be better than npm web-push. */
const targets = [
  { text: 'requests made in a CPU second', part: 'seal', figure: { name: 'per_cpu_s' }, least: 5 },
  { text: 'delivered a second', part: 'deliver', figure: { name: 'per_s' }, least: 4 },
  { text: 'delivered in a CPU second', part: 'deliver', figure: { name: 'cpu_us_each', inverse: true }, least: 4 },
];

export function judge(runs) {
  return targets.map(({ text, part, figure, least }) => {
    const ratio = compare(figure, runs[part].pipit, runs[part].web_push);
    return { text, least, ...ratio, met: ratio.median >= least };
  });
}

const sentence = ({ text, least, median, min, max, met }) =>
  `- ${text}: ${three_digits.format(median)} × npm web-push (${three_digits.format(min)}–${three_digits.format(max)}), at least ${least}: ${met ? 'met' : '**missed**'}`;

const range = ({ median, min, max }) => `${whole.format(median)} (${whole.format(min)}–${whole.format(max)})`;
const mib = ({ median }) => `${whole.format(median / 2 ** 20)} MiB`;

const seal_columns = [
  ['a CPU second', (f) => range(f.per_cpu_s)],
  ['CPU µs each', (f) => whole.format(f.cpu_us_each.median)],
  ['spread', (f) => percent(spread(f.cpu_us_each))],
];

const deliver_columns = [
  ['delivered/s', (f) => range(f.per_s)],
  ['CPU µs each', (f) => range(f.cpu_us_each)],
  ['peak RSS', (f) => mib(f.rss_max_bytes)],
  ['sender busy', (f) => percent(f.sender_cpu_share.median)],
  ['service busy', (f) => percent(f.service_cpu_share.median)],
  ['service could take', (f) => `${whole.format(f.service_max_per_s.median)}/s`],
  ['sent twice', (f) => whole.format(f.sent_twice.max)],
];

function table(by_name, columns) {
  return markdown_table(
    ['', ...columns.map(([heading]) => heading)],
    Object.entries(by_name).map(([name, f]) => [titles[name], ...columns.map(([, cell]) => cell(f))]),
  );
}

// By the names of its threads.
const work = {
  'pipit-push': 'encrypting, signing, and deciding what is next',
  'pipit-send': 'HTTP/2 and TLS (libcurl)',
  'pipit-store': 'the database (SQLite)',
  pipit: 'the call, and asking how far it is',
};

function split(on_disk, in_memory) {
  const rows = Object.entries(work).map(([thread, what]) => [
    `${what}: \`${thread}\``,
    ...[on_disk, in_memory].map((figures) => whole.format(figures[`cpu_us_each_${thread}`].median)),
  ]);
  return markdown_table(['CPU µs for a delivery', 'database on disk', 'in memory'], rows);
}

/** The results as a Markdown page. */
export function page({ machine, load_average, options, payload_bytes, targets: judged, figures }) {
  const { pipit, in_memory } = figures.deliver;
  return `# Notifications

${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}, commit ${machine.commit}, ${machine.date}; load average
${load_average.before.map((load) => load.toFixed(1)).join(', ')} before and ${load_average.after.map((load) => load.toFixed(1)).join(', ')} after.
Whoever sends has core ${options.sender_core}, the push service core ${options.service_core}. Medians of ${options.rounds} rounds, with the least and the greatest; ${payload_bytes} bytes of payload.
What is measured and how: [bench/README.md](../README.md).

${judged.map(sentence).join('\n')}

## Making requests

${table(figures.seal, seal_columns)}

## Delivering to ${whole.format(options.count)} subscriptions

${table(figures.deliver, deliver_columns)}

The call was answered after ${three_digits.format(pipit.acknowledged_ms.median)} ms, ${three_digits.format(in_memory.acknowledged_ms.median)} ms with the database in memory.

## Where Pipit's CPU time goes

${split(pipit, in_memory)}
`;
}
