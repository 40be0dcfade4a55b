import { CommandLine } from './command_line.mjs';

export const scenarios = {
  fanout1: '1,000 members, 1 post outstanding',
  fanout16: '1,000 members, 16 outstanding',
  bursts50: '1,000 members, bursts of 50',
  groups: '100 groups of 10, 1 outstanding each',
  pingpong: 'two users, private ping-pong',
  idle: 'idle connections',
};

const help = `usage: bench/run [options]

  --only NAMES          servers, by comma: pipit, bare, ws, socketio, nchan (all)
  --scenario NAMES      by comma: ${Object.keys(scenarios).join(', ')} (all)
  --rounds N            how often each server is measured, in turns (3)
  --seconds N           that each measurement lasts, after a fifth of it to warm up (5)
  --connections N       idle ones, at most (19000; the npm servers and nchan get 5000)
  --server-core N       the core that servers run on (0)
  --load-core N         the core that the load generator runs on (1)
  --built DIR           programs of the release preset that are built already, in DIR/bin (builds build/release)
  --results DIR         where the results are written (bench/results)
`;

/** What the command line asks for. */
export function read_options(known_servers) {
  const line = new CommandLine('bench/run', help, {
    only: undefined,
    scenario: undefined,
    rounds: '3',
    seconds: '5',
    connections: '19000',
    'server-core': '0',
    'load-core': '1',
    built: undefined,
    results: 'bench/results',
  });
  return {
    servers: line.names('only', known_servers),
    scenarios: line.names('scenario', Object.keys(scenarios)),
    rounds: line.number('rounds', 1, 100),
    seconds: line.number('seconds', 0.5, 600),
    connections: line.number('connections', 100, 100_000),
    server_core: line.number('server-core', 0, 1023),
    load_core: line.number('load-core', 0, 1023),
    built_dir: line.text('built'),
    results_dir: line.text('results'),
  };
}
