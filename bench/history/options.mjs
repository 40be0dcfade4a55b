import { parseArgs } from 'node:util';

const help = `usage: bench/run-history [options]

  --rounds N         how often everything is measured, in turns (3)
  --seconds N        that each measurement of posts lasts, after a fifth of it to warm up (3)
  --clients N        that come back at once, a multiple of 100 (5000)
  --missed N         messages that each of them has missed (100)
  --server-core N    the core that servers run on (0)
  --load-core N      the core that the load generator runs on (1)
  --folder DIR       on the disk that is measured (the folder for temporary files)
  --built DIR        programs of the release preset that are built already, in DIR/bin (builds build/release)
  --results DIR      where the results are written (bench/results)
`;

export function read_options() {
  const text = (value) => ({ type: 'string', default: value });
  const { values } = parseArgs({
    options: {
      rounds: text('3'),
      seconds: text('3'),
      clients: text('5000'),
      missed: text('100'),
      'server-core': text('0'),
      'load-core': text('1'),
      folder: { type: 'string' },
      built: { type: 'string' },
      results: text('bench/results'),
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  return {
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    clients: Number(values.clients),
    missed: Number(values.missed),
    server_core: values['server-core'],
    load_core: values['load-core'],
    folder: values.folder,
    built_dir: values.built,
    results_dir: values.results,
  };
}
