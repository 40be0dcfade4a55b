import { compare, spread } from '../harness/figures.mjs';
import { markdown_table, percent, three_digits, whole } from '../harness/format.mjs';

const titles = {
  none: 'Pipit, nothing kept',
  memory: 'Pipit, in memory (as delivered)',
  durable: 'Pipit, durable',
  sqlite: 'SQLite, one insert each',
  redis_always: 'Redis Streams, `appendfsync always`',
  redis_everysec: 'Redis Streams, `appendfsync everysec`',
};

export const outstandings = [1, 16, 256];

const figure = ({ median }) => three_digits.format(median);
const ms = ({ median }) => three_digits.format(median / 1e3);
const range = ({ median, min, max }) =>
  `${three_digits.format(median)} (${three_digits.format(min)}–${three_digits.format(max)})`;

function posts_table(by_name) {
  return markdown_table(
    ['', 'posts/s', 'answered p50 ms', 'p99 ms', 'CPU µs/post', 'spread'],
    Object.entries(by_name).map(([name, f]) => [
      titles[name],
      range(f.posts_per_s),
      ms(f.answered_p50_us),
      ms(f.answered_p99_us),
      f.cpu_us_per_post ? figure(f.cpu_us_per_post) : '–',
      percent(spread(f.posts_per_s)),
    ]),
  );
}

/** Posts a second of one beside another, at each number of posts outstanding, within each round. */
function ratios(runs) {
  const pairs = [
    ['memory', 'none'],
    ['durable', 'memory'],
    ['durable', 'sqlite'],
    ['durable', 'redis_always'],
    ['durable', 'redis_everysec'],
  ];
  return markdown_table(
    ['posts a second', ...outstandings.map((count) => `${count} outstanding`)],
    pairs.map(([ours, theirs]) => [
      `${titles[ours]} : ${titles[theirs]}`,
      ...outstandings.map((count) => `${range(compare({ name: 'posts_per_s' }, runs[count][ours], runs[count][theirs]))} ×`),
    ]),
  );
}

function recovery_table(recoveries) {
  return markdown_table(
    ['', 'all whole after ms', 'a client p50 ms', 'p99 ms', 'server CPU ms', 'µs a client'],
    Object.entries(recoveries).map(([name, f]) => [
      name,
      range(f.recovered_ms),
      f.client_p99_ms.median > 0 ? figure(f.client_p50_ms) : '–',
      f.client_p99_ms.median > 0 ? figure(f.client_p99_ms) : '–',
      range(f.server_cpu_ms),
      figure(f.server_cpu_us_per_client),
    ]),
  );
}

/** The results as a Markdown page. */
export function page({ machine, load_average, options, runs, figures }) {
  const load = (list) => list.map((value) => value.toFixed(1)).join(', ');
  return `# Histories

${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}, commit ${machine.commit}, ${machine.date}; load average
${load(load_average.before)} before and ${load(load_average.after)} after. Servers have core ${options.server_core}, the load generator core ${options.load_core}.
Medians of ${options.rounds} rounds, with the least and the greatest. What is measured and how: [bench/README.md](../README.md).

${outstandings.map((count) => `## ${whole.format(count)} outstanding\n\n${posts_table(figures.posts[count])}`).join('\n\n')}

## Ratios

${ratios(runs.posts)}

## ${whole.format(options.clients)} clients come back at once

${recovery_table(figures.recovery)}
`;
}
