// A real coturn, set up by the file that docs/turn.md hands out, on loopback only; and coturn's own client.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Waiters } from './deadline.mjs';
import { temporaryFolder } from './program.mjs';
import { runTool } from './tool.mjs';

const configuration = fileURLToPath(new URL('../../../packaging/coturn/turnserver.conf', import.meta.url));

// What the file leaves to the operator, and what keeps this one away from those of the machine. Its relays are bound
// to loopback, so nothing that is sent through them can leave the machine.
function argumentsOf(port, secret, folder) {
  return [
    ['-v', '-c', configuration, `--listening-port=${port}`, `--static-auth-secret=${secret}`],
    ['127.0.0.1', '::1'].flatMap((address) => [`--listening-ip=${address}`, `--relay-ip=${address}`]),
    ['--no-tcp', '--no-tls', '--no-dtls', `--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'db')}`],
  ].flat();
}

async function freeUdpPort() {
  const socket = createSocket('udp4');
  await new Promise((bound) => socket.bind(0, '127.0.0.1', bound));
  const { port } = socket.address();
  await new Promise((closed) => socket.close(closed));
  return port;
}

// Starts one that shares `secret`, with `flags` besides what the file says; it is stopped after the test.
export async function startCoturn(t, secret, flags = []) {
  const port = await freeUdpPort();
  const child = spawn('turnserver', [...argumentsOf(port, secret, temporaryFolder(t)), ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const coturn = new Coturn(port, child);
  t.after(() => child.kill('SIGKILL'));
  await coturn.logged('SQLite DB connection success');
  return coturn;
}

class Coturn {
  #log = '';
  #waiters = new Waiters();

  constructor(port, child) {
    this.port = port;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.#log += text;
        this.#waiters.changed();
      });
    }
    child.once('close', () => this.#waiters.changed());
  }

  get log() {
    return this.#log;
  }

  logged(text) {
    return this.#waiters.until(() => (this.#log.includes(text) ? true : undefined), `"${text}" in coturn's log`);
  }

  // What coturn's client comes to with the credentials: 'allocated' or 'unauthorized' without a `peer`; with one,
  // whether the relay may send to it: 'permitted' or 'forbidden'.
  async attempt({ username, credential }, peer) {
    const host = peer?.includes(':') ? '::1' : '127.0.0.1';
    const family = peer?.includes(':') ? ['-x'] : [];
    const { out } = await runTool('turnutils_uclient', [
      ...['-v', '-c', '-n', '0', ...family, '-p', `${this.port}`, '-u', username, '-w', credential],
      ...['-e', peer ?? '127.0.0.1', host],
    ]);
    const outcome = /Cannot complete Allocation|channel bind: error 403|cb response received:\s+\S+ \S+ success/.exec(out)?.[0];
    if (outcome?.startsWith('Cannot')) return 'unauthorized';
    if (!peer) return out.includes('Received relay addr') ? 'allocated' : out;
    if (outcome?.endsWith('403')) return 'forbidden';
    return outcome ? 'permitted' : out;
  }
}
