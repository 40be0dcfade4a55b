import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const servers_dir = join(import.meta.dirname, '../servers');
const start_timeout_ms = 15_000;
const stop_timeout_ms = 5_000;

async function is_healthy(port) {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`);
  return response.status === 200;
}

async function accepts(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}

function nginx_configuration(port, dir) {
  const file = join(dir, 'nginx.conf');
  const template = readFileSync(join(servers_dir, 'nginx.conf'), 'utf8');
  writeFileSync(file, template.replaceAll('@PORT@', port).replaceAll('@DIR@', dir));
  return file;
}

// Pipit as it is delivered, but for the limits that would rightly refuse so much from one address. The limits stay
// on: each command is still counted.
const raised_limits = {
  'limits.connections_per_address_max': 100_000,
  'limits.commands_per_second': 1_000_000,
  'limits.commands_burst': 1_000_000,
};

/**
 * Everyone who is measured, in the order of the tables: what to build, the command that serves on 127.0.0.1:`port`
 * with `dir` for its files, when it is ready (by default when it accepts), and for how many idle connections there
 * is time and memory.
 */
export const servers = {
  pipit: {
    title: 'Pipit',
    targets: ['pipit'],
    command: ({ port, dir, bin_dir }) => [
      join(bin_dir, 'pipit'), 'serve', '--listen', `127.0.0.1:${port}`, '--data', dir, '--workers', '1',
      ...Object.entries(raised_limits).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ],
    is_ready: is_healthy,
    load_arguments: ({ dir }) => ['--key-file', join(dir, 'keys/token.secret')],
    idle_max: Infinity,
  },
  bare: {
    title: 'bare send()',
    targets: ['bench_bare_send'],
    command: ({ port, bin_dir }) => [join(bin_dir, 'bench_bare_send'), String(port)],
    idle_max: Infinity,
  },
  ws: {
    title: 'npm ws',
    npm: true,
    command: ({ port }) => ['node', join(servers_dir, 'ws_server.mjs'), String(port)],
    idle_max: 5_000,
  },
  socketio: {
    title: 'npm socket.io',
    npm: true,
    command: ({ port }) => ['node', join(servers_dir, 'socketio_server.mjs'), String(port)],
    idle_max: 5_000,
  },
  nchan: {
    title: 'nginx + nchan',
    command: ({ port, dir }) => ['nginx', '-c', nginx_configuration(port, dir)],
    idle_max: 5_000,
  },
};

async function free_port() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** One server process, pinned to a core, with a folder of its own that goes with it. */
export class RunningServer {
  /** Starts `server` and waits until it is ready; rejects with the end of its log when it does not become so. */
  static async start(server, { core, bin_dir, parent_dir = tmpdir() }) {
    const dir = mkdtempSync(join(parent_dir, 'pipit-bench-'));
    const port = await free_port();
    const running = new RunningServer(dir, port, core, server.command({ port, dir, bin_dir }));
    try {
      await running.#until_ready(server.is_ready ?? accepts);
    } catch (error) {
      await running.stop();
      throw error;
    }
    return running;
  }

  constructor(dir, port, core, command) {
    this.dir = dir;
    this.port = port;
    const log = openSync(this.#log_file(), 'w');
    this.#process = spawn('taskset', ['-c', String(core), ...command], { stdio: ['ignore', log, log] });
    closeSync(log);
  }

  #process;

  /** taskset becomes the server, so this is the server's own. */
  get pid() {
    return this.#process.pid;
  }

  log_end() {
    return readFileSync(this.#log_file(), 'utf8').trimEnd().split('\n').slice(-5).join('\n');
  }

  async stop() {
    if (!this.#has_ended()) {
      const killer = setTimeout(() => this.#process.kill('SIGKILL'), stop_timeout_ms);
      this.#process.kill();
      await once(this.#process, 'exit');
      clearTimeout(killer);
    }
    rmSync(this.dir, { recursive: true });
  }

  #log_file() {
    return join(this.dir, 'server.log');
  }

  #has_ended() {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  async #until_ready(is_ready) {
    const deadline = Date.now() + start_timeout_ms;
    while (!(await is_ready(this.port).catch(() => false))) {
      if (this.#has_ended() || Date.now() > deadline) throw new Error(`it does not start: ${this.log_end()}`);
      await delay(50);
    }
  }
}
