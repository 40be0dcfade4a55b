// From measurements to figures: medians of rounds, their spread, and what Pipit is held to.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function across_rounds(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), rounds: values.length };
}

/** For each number that the rounds measured: its median, least and greatest. */
export function summarise(rounds) {
  const names = Object.keys(rounds[0]);
  return Object.fromEntries(names.map((name) => [name, across_rounds(rounds.map((round) => round[name]))]));
}

/** How far the rounds lie apart, as a share of the median; a single round cannot tell. */
export const spread = ({ median, min, max, rounds }) => (rounds === 1 || median === 0 ? undefined : (max - min) / median);

const cpu = 'cpu_us_per_delivery';

// A target with several figures is met by any of them.
const targets = [
  { scenario: 'fanout1', against: 'bare', most: 1.3, figures: [{ name: cpu }] },
  { scenario: 'fanout16', against: 'bare', most: 1.3, figures: [{ name: cpu }] },
  { scenario: 'bursts50', against: 'bare', most: 1.6, figures: [{ name: cpu }] },
  ...['ws', 'socketio'].map((against) => ({
    scenario: 'fanout16', against, least: 8, figures: [{ name: 'deliveries_per_s' }, { name: cpu, inverse: true }],
  })),
  { scenario: 'idle', most: 2048, figures: [{ name: 'rss_bytes_per_connection' }], connections: 19_000 },
];

/** The figure `name` of the rounds `ours`; with `theirs`, its ratio to that of the same round of theirs. */
export function compare({ name, inverse }, ours, theirs) {
  if (theirs === undefined) return across_rounds(ours.map((round) => round[name]));
  const pairs = ours.slice(0, theirs.length).map((round, i) => [round[name], theirs[i][name]]);
  return across_rounds(pairs.map(([our, their]) => (inverse ? their / our : our / their)));
}

/**
 * The targets that `runs` (by scenario, then server: the rounds) can tell of. The ratio of two servers is taken
 * within each round, where both met the same machine, and then the median of the rounds.
 */
export function judge(runs) {
  const judged = [];
  for (const { scenario, against, most, least, figures, connections } of targets) {
    const ours = runs[scenario]?.pipit ?? [];
    const theirs = against === undefined ? undefined : (runs[scenario]?.[against] ?? []);
    if (ours.length === 0 || theirs?.length === 0) continue;
    if (connections !== undefined && ours[0].connections < connections) continue;
    const compared = figures.map((figure) => ({ name: figure.name, ...compare(figure, ours, theirs) }));
    const met = compared.some((figure) => (most === undefined ? figure.median >= least : figure.median <= most));
    judged.push({ scenario, against, most, least, figures: compared, met });
  }
  return judged;
}
