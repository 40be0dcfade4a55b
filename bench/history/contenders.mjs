// Who keeps messages, and how each of them is asked to.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RunningServer, servers } from '../harness/servers.mjs';

// What Pipit keeps of a post of bench_load: an event of pipit.v1 around 128 bytes.
const message_bytes = 290;

const measurement_ms = 300_000;

async function run(core, command) {
  const { stdout } = await promisify(execFile)('taskset', ['-c', core, ...command].map(String), { timeout: measurement_ms });
  return stdout;
}

/** Pipit with more settings. */
const pipit = (settings) => ({
  ...servers.pipit,
  command: (place) => [
    ...servers.pipit.command(place),
    ...Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
  ],
});

const redis = (appendfsync) => ({
  command: ({ port, dir }) => [
    'redis-server', '--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes',
    '--appendfsync', appendfsync,
  ],
});

export const levels = {
  none: pipit({ 'history.messages_max': 0, 'history.user_messages_max': 0 }),
  memory: pipit({}),
  durable: pipit({ 'history.durable_groups': 'bench-*' }),
};

// Long enough for everybody to be lost and the messages to be posted: those who come back are who they were.
const resuming = { 'presence.grace_ms': 60_000 };
export const recovering = {
  memory: pipit(resuming),
  durable: pipit({ ...resuming, 'history.durable_groups': 'bench-*' }),
};

async function with_server(server, { server_core, bin_dir, folder }, measure) {
  const running = await RunningServer.start(server, { core: server_core, bin_dir, parent_dir: folder });
  try {
    return await measure(running);
  } catch (error) {
    throw new Error(`${error.message}\n${running.log_end()}`);
  } finally {
    await running.stop();
  }
}

async function load(server, options, given) {
  return with_server(server, options, async (running) => {
    const command = [
      join(options.bin_dir, 'bench_load'), '--wire', 'pipit', '--port', running.port, '--pid', running.pid,
      ...server.load_arguments(running), ...given,
    ];
    return JSON.parse(await run(options.load_core, command));
  });
}

/** Posts of `outstanding` members to groups of their own, each when its last one was answered. */
export async function post_to_pipit(level, outstanding, options) {
  const time = ['--seconds', options.seconds, '--warm-up-seconds', options.seconds / 5];
  const figures = await load(levels[level], options, ['--scenario', `posts${outstanding}`, ...time]);
  if (figures.lost > 0 || figures.unacknowledged > 0) throw new Error(`posts were lost: ${JSON.stringify(figures)}`);
  const { posts_per_s, answered_p50_us, answered_p99_us, cpu_us_per_delivery: cpu_us_per_post } = figures;
  return { posts_per_s, answered_p50_us, answered_p99_us, cpu_us_per_post };
}

/** XADD of `outstanding` connections to streams, by redis-benchmark. */
export function add_to_redis(appendfsync, outstanding, options) {
  return with_server(redis(appendfsync), options, async (running) => {
    const add = async (count) => {
      const output = await run(options.load_core, [
        'redis-benchmark', '-p', running.port, '-c', outstanding, '-n', count, '-r', outstanding, '--precision', 3, '--csv',
        'XADD', 'bench-__rand_int__', '*', 'message', 'x'.repeat(message_bytes),
      ]);
      const [headings, cells] = output.trim().split('\n').slice(-2).map((line) => line.split('","').map((cell) => cell.replaceAll('"', '')));
      return Object.fromEntries(headings.map((heading, column) => [heading, Number(cells[column])]));
    };
    // It counts requests, not seconds: the first, to warm up, tell how many are enough.
    const { rps } = await add(outstanding * 50);
    const { rps: posts_per_s, p50_latency_ms, p99_latency_ms } = await add(Math.ceil(rps * options.seconds));
    return { posts_per_s, answered_p50_us: p50_latency_ms * 1e3, answered_p99_us: p99_latency_ms * 1e3 };
  });
}

export async function insert_into_sqlite(options) {
  const folder = mkdtempSync(join(options.folder, 'pipit-bench-'));
  try {
    const program = join(options.bin_dir, 'bench_sqlite_inserts');
    const given = ['--folder', folder, '--seconds', options.seconds, '--message-bytes', message_bytes];
    return JSON.parse(await run(options.server_core, [program, ...given]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Clients who were lost and come back at once, each having missed so many messages. */
export const recover = (level, missed, options) =>
  load(recovering[level], options, ['--scenario', 'recovery', '--connections', options.clients, '--missed', missed]);
