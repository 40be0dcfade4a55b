import { parseArgs } from 'node:util';

const help = `usage: bench/run-push [options]

  --rounds N         how often everything is measured, in turns (3)
  --count N          subscriptions (10000)
  --seconds N        for which requests are made, by each (2)
  --sockets N        that npm web-push may use (16)
  --sender-core N    the core that whoever sends runs on (0)
  --service-core N   the core that the push service runs on (1)
  --built DIR        programs of the release preset that are built already, in DIR/bin (builds build/release)
  --results DIR      where the results are written (bench/results)
`;

export function read_options() {
  const text = (value) => ({ type: 'string', default: value });
  const { values } = parseArgs({
    options: {
      rounds: text('3'),
      count: text('10000'),
      seconds: text('2'),
      sockets: text('16'),
      'sender-core': text('0'),
      'service-core': text('1'),
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
    count: Number(values.count),
    seconds: Number(values.seconds),
    sockets: Number(values.sockets),
    sender_core: values['sender-core'],
    service_core: values['service-core'],
    built_dir: values.built,
    results_dir: values.results,
  };
}
