import { parseArgs } from 'node:util';

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

function names(text, known) {
  const chosen = text === undefined ? known : text.split(',');
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown !== undefined) fail(`there is no "${unknown}"; there are ${known.join(', ')}`);
  return chosen;
}

function number(name, text, min, max) {
  const value = Number(text);
  if (!(value >= min && value <= max)) fail(`--${name} is a number from ${min} to ${max}`);
  return value;
}

function fail(message) {
  console.error(`bench/run: ${message}`);
  process.exit(2);
}

/** What the command line asks for; ends the process where it makes no sense. */
export function read_options(known_servers) {
  const text = (value) => ({ type: 'string', default: value });
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        only: { type: 'string' },
        scenario: { type: 'string' },
        rounds: text('3'),
        seconds: text('5'),
        connections: text('19000'),
        'server-core': text('0'),
        'load-core': text('1'),
        built: { type: 'string' },
        results: text('bench/results'),
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    fail(error.message);
  }
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  return {
    servers: names(values.only, known_servers),
    scenarios: names(values.scenario, Object.keys(scenarios)),
    rounds: number('rounds', values.rounds, 1, 100),
    seconds: number('seconds', values.seconds, 0.5, 600),
    connections: number('connections', values.connections, 100, 100_000),
    server_core: number('server-core', values['server-core'], 0, 1023),
    load_core: number('load-core', values['load-core'], 0, 1023),
    built_dir: values.built,
    results_dir: values.results,
  };
}
