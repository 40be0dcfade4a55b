import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { RunningServer, servers } from './servers.mjs';

// Beside the measurement itself: connecting, coming to rest, and the last deliveries.
const around_measurement_ms = 120_000;

/** Starts the server `name`, plays `scenario` against it, stops it. Resolves to what bench_load says. */
export async function measure(name, scenario, options) {
  const server = servers[name];
  const bin_dir = resolve(options.built_dir ?? 'build/release', 'bin');
  const running = await RunningServer.start(server, { core: options.server_core, bin_dir });
  try {
    const connections = Math.min(options.connections, server.idle_max);
    const { stdout } = await promisify(execFile)(
      'taskset',
      [
        '-c', options.load_core, join(bin_dir, 'bench_load'),
        '--wire', name, '--scenario', scenario, '--port', running.port, '--pid', running.pid,
        '--connections', connections, '--seconds', options.seconds, '--warm-up-seconds', options.seconds / 5,
        ...(server.load_arguments?.(running) ?? []),
      ].map(String),
      { timeout: around_measurement_ms + options.seconds * 1_200 },
    );
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error(`${(error.stderr || error.message).trim()}; the server's log ends: ${running.log_end()}`);
  } finally {
    await running.stop();
  }
}
