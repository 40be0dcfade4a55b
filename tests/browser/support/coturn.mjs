// A real TURN server on 127.0.0.1, in a folder of its own that is gone afterwards.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadlineMs } from '../../integration/support/deadline.mjs';

const ASK_AGAIN_MS = 100;
const RELAY_PORTS = [49_200, 49_399];

export class Coturn {
  #child;
  #exited;
  #folder = mkdtempSync(join(tmpdir(), 'pipit-coturn-'));
  port;
  secret = randomBytes(24).toString('hex');
  // What Pipit reads the secret from.
  secretFile = join(this.#folder, 'turn.secret');

  static async start() {
    const coturn = new Coturn();
    writeFileSync(coturn.secretFile, `${coturn.secret}\n`, { mode: 0o600 });
    coturn.port = await freePort();
    await coturn.#start();
    return coturn;
  }

  get url() {
    return `turn:127.0.0.1:${this.port}?transport=udp`;
  }

  async #start() {
    const here = ['-n', '--listening-ip=127.0.0.1', `--listening-port=${this.port}`, '--no-tcp', '--no-tls', '--no-dtls', '--no-cli'];
    const access = ['--use-auth-secret', `--static-auth-secret=${this.secret}`, '--realm=pipit.test', '--allow-loopback-peers'];
    const ports = RELAY_PORTS.map((port, index) => `--${['min', 'max'][index]}-port=${port}`);
    const files = ['--log-file=stdout', `--pidfile=${join(this.#folder, 'pid')}`, `--userdb=${join(this.#folder, 'users')}`];
    const child = spawn('turnserver', [...here, ...access, ...ports, ...files], { stdio: ['ignore', 'pipe', 'ignore'] });
    const log = [];
    const killIt = () => child.kill('SIGKILL');
    process.once('exit', killIt);
    child.stdout.on('data', (text) => log.push(text));
    this.#child = child;
    let isThere = true;
    this.#exited = new Promise((resolve) => {
      const gone = () => {
        isThere = false;
        process.off('exit', killIt);
        resolve();
      };
      child.once('error', (error) => gone(log.push(error.message)));
      child.once('exit', gone);
    });
    if (!(await answers(this.port, () => isThere))) throw new Error(`turnserver never answered:\n${log.join('')}`);
  }

  async stop() {
    this.#child.kill('SIGTERM');
    await this.#exited;
    rmSync(this.#folder, { recursive: true });
  }
}

async function freePort() {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

// Sends STUN binding requests until one is answered.
function answers(port, isThere) {
  const request = Buffer.concat([Buffer.from('000100002112a442', 'hex'), randomBytes(12)]);
  const socket = createSocket('udp4');
  const end = Date.now() + deadlineMs;
  return new Promise((resolve) => {
    const finish = (value) => {
      clearInterval(timer);
      socket.close();
      resolve(value);
    };
    const timer = setInterval(() => {
      if (!isThere() || Date.now() > end) return finish(false);
      socket.send(request, port, '127.0.0.1');
    }, ASK_AGAIN_MS);
    socket.on('message', () => finish(true));
    socket.on('error', () => {}); // nobody listens there yet
  });
}
