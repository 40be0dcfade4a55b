import { spread } from './figures.mjs';
import { exact, markdown_table, percent, three_digits, whole } from './format.mjs';
import { scenarios } from './options.mjs';
import { servers } from './servers.mjs';

const milliseconds = (figure) => three_digits.format(figure.median / 1_000);
const title_of = (name) => servers[name].title;

const traffic_columns = [
  ['deliveries/s', (f) => whole.format(f.deliveries_per_s.median)],
  ['CPU µs/delivery', (f) => three_digits.format(f.cpu_us_per_delivery.median)],
  ['spread', (f) => percent(spread(f.cpu_us_per_delivery))],
  ['p50 ms', (f) => milliseconds(f.latency_p50_us)],
  ['p99 ms', (f) => milliseconds(f.latency_p99_us)],
  ['server busy', (f) => percent(f.server_cpu_share.median)],
  ['generator busy', (f) => percent(f.generator_cpu_share.median)],
  ['lost', (f) => whole.format(f.lost.max + f.unacknowledged.max)],
];

const idle_columns = [
  ['connections', (f) => whole.format(f.connections.median)],
  ['RSS bytes/connection', (f) => whole.format(f.rss_bytes_per_connection.median)],
  ['spread', (f) => percent(spread(f.rss_bytes_per_connection))],
];

function table(by_server, columns) {
  return markdown_table(
    ['server', ...columns.map(([heading]) => heading)],
    Object.entries(by_server).map(([name, f]) => [title_of(name), ...columns.map(([, cell]) => cell(f))]),
  );
}

const units = { deliveries_per_s: 'deliveries/s', cpu_us_per_delivery: 'CPU per delivery', rss_bytes_per_connection: 'RSS bytes per connection' };

/** "CPU per delivery 1.21 × bare send() (1.18–1.25), at most 1.3: met" */
function sentence({ scenario, against, most, least, figures, met }) {
  const told = figures.map(({ name, median, min, max }) => {
    const [middle, low, high] = [median, min, max].map((value) => three_digits.format(value));
    const times = against === undefined ? '' : ` × ${title_of(against)}`;
    return `${units[name]} ${middle}${times} (${low}–${high})`;
  });
  const goal = most === undefined ? `at least ${exact.format(least)}` : `at most ${exact.format(most)}`;
  return `${scenarios[scenario]}: ${told.join(' or ')}, ${goal}: ${met ? 'met' : 'MISSED'}`;
}

/** The results as a Markdown page. */
export function page({ machine, options, figures, targets, failures }) {
  const parts = [
    '# Benchmark results',
    `${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}, commit ${machine.commit}, ${machine.date}. ` +
      `Each figure is the median of the measurements of ${options.seconds} s (rounds: ${options.rounds}); the spread is that of the CPU time, or memory. ` +
      'What is measured and how: [bench/README.md](../README.md).',
  ];
  if (targets.length > 0) parts.push('## Targets', targets.map((target) => `- ${sentence(target)}`).join('\n'));
  for (const [scenario, by_server] of Object.entries(figures)) {
    parts.push(`## ${scenarios[scenario]}`, table(by_server, scenario === 'idle' ? idle_columns : traffic_columns));
  }
  if (failures.length > 0) parts.push('## Not measured', failures.map((failure) => `- ${failure}`).join('\n'));
  return parts.join('\n\n') + '\n';
}
