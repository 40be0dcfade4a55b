import { CommandLine } from '../harness/command_line.mjs';

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

/** What the command line asks for. */
export function read_options() {
  const line = new CommandLine('bench/run-push', help, {
    rounds: '3',
    count: '10000',
    seconds: '2',
    sockets: '16',
    'sender-core': '0',
    'service-core': '1',
    built: undefined,
    results: 'bench/results',
  });
  return {
    rounds: line.number('rounds', 1, 100),
    count: line.number('count', 1, 100_000),
    seconds: line.number('seconds', 0.5, 600),
    sockets: line.number('sockets', 1, 1_000),
    sender_core: line.number('sender-core', 0, 1023),
    service_core: line.number('service-core', 0, 1023),
    built_dir: line.text('built'),
    results_dir: line.text('results'),
  };
}
