// The real server, in a folder of its own that is gone afterwards.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { deadlineMs, within } from '../../integration/support/deadline.mjs';
import { makeCertificate } from './certificate.mjs';
import { makeSigner } from './tokens.mjs';

const PROGRAM = process.env.PIPIT_BIN ?? fileURLToPath(new URL('../../../build/release/bin/pipit', import.meta.url));
// Settings of whoever runs the tests are not the tests'.
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PIPIT_')));

export class Server {
  #child;
  #exited;
  #folder = mkdtempSync(join(tmpdir(), 'pipit-browser-'));
  #secretFile = join(this.#folder, 'token.secret');
  #settings;
  #config;
  #port = 0;

  // Signs tokens that the server accepts: (user, claims) => token.
  sign;
  // { keyFile, certificateFile, certificate }, for wss.
  tls;

  // `scheme` is "ws" or "wss"; `settings` are those that differ from the defaults; `config` is the text of a settings file, for
  // what flags cannot say; `tls` is what makeCertificate() gives, when it is not to be a certificate of the server's own.
  static async start(scheme, settings = {}, { config, tls } = {}) {
    const server = new Server();
    server.#settings = { ...settings };
    server.#config = config;
    server.changeSecret();
    if (scheme === 'wss') server.tls = tls ?? makeCertificate(server.#folder);
    await server.start();
    return server;
  }

  get origin() {
    return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  // From its next start on it accepts no token that was signed before.
  changeSecret() {
    this.sign = makeSigner(this.#secretFile);
  }

  // From its next start on it has these settings, too.
  changeSettings(settings) {
    Object.assign(this.#settings, settings);
  }

  // Starts it, after kill() or end() on the same port as before.
  async start() {
    const child = spawn(PROGRAM, ['serve', '--listen', `127.0.0.1:${this.#port}`, ...this.#flags()], {
      env: ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    const killIt = () => child.kill('SIGKILL');
    process.once('exit', killIt);
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => {
        process.off('exit', killIt);
        resolve(signal ?? `exit code ${code}`);
      });
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    const [, port] = await this.#logged(/listening on \S+:(\d+)/).finally(() => clearTimeout(timer));
    this.#port = Number(port);
  }

  #flags() {
    const files = { 'server.data_dir': this.#folder, 'auth.secret_file': this.#secretFile };
    const settings = { 'server.dev': true, 'drain.spread_ms': 0, ...files, ...this.#settings };
    if (this.tls) Object.assign(settings, { 'tls.certificate_file': this.tls.certificateFile, 'tls.key_file': this.tls.keyFile });
    const flags = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    if (this.#config === undefined) return flags;
    const file = join(this.#folder, 'pipit.toml');
    writeFileSync(file, this.#config);
    return ['--config', file, ...flags];
  }

  // What the program prints for this command, with the settings of the server.
  print(...command) {
    const options = { env: ENVIRONMENT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
    return execFileSync(PROGRAM, [...command, ...this.#flags()], options);
  }

  // The match of the first line from now on that `pattern` matches.
  async #logged(pattern) {
    const log = [];
    for await (const line of createInterface({ input: this.#child.stdout })) {
      log.push(line);
      const match = pattern.exec(line);
      if (!match) continue;
      this.#child.stdout.resume();
      return match;
    }
    throw new Error(`${PROGRAM} never logged ${pattern} (${await this.#exited}):\n${log.join('\n')}`);
  }

  // Makes a new key for notifications, as an operator does. Resolves once the server uses it.
  async rotateKey() {
    const stdio = ['ignore', 'ignore', 'pipe'];
    execFileSync(PROGRAM, ['vapid', '--rotate', '--data', this.#folder], { env: ENVIRONMENT, stdio });
    const taken = this.#logged(/VAPID keys were read again/);
    this.#child.kill('SIGHUP');
    await within(taken, 'the new key');
  }

  // What it has in memory (RSS).
  memoryKb() {
    const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'));
    return Number(kb);
  }

  // Resolves once it does nothing any more; the system still takes bytes for it.
  async freeze() {
    const { pid } = this.#child;
    const isStopped = (thread) => / T \d/.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'));
    this.#child.kill('SIGSTOP');
    const deadline = Date.now() + deadlineMs;
    while (!readdirSync(`/proc/${pid}/task`).every(isStopped)) {
      if (Date.now() > deadline) throw new Error('SIGSTOP did not stop the server.');
      await new Promise(setImmediate);
    }
  }

  // Dies like from a power cut.
  async kill() {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  // Ends it as an operator does. Throws when it does not end well.
  async end() {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), deadlineMs);
    const how = await this.#exited;
    clearTimeout(timer);
    if (how !== 'exit code 0') throw new Error(`The server did not stop cleanly: ${how}`);
  }

  // Ends it for good.
  async stop() {
    await this.end();
    rmSync(this.#folder, { recursive: true });
  }
}
