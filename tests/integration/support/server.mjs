// One running server in a folder of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Client } from './client.mjs';
import { Waiters, within } from './deadline.mjs';
import { environment, program, temporaryFolder } from './program.mjs';
import { HttpPeer } from './http.mjs';
import { signHs256 } from './tokens.mjs';

// Starts `pipit serve` on a free port and waits until it listens.
//   settings  { 'limits.connections_max': 2 }: each becomes --set
//   flags     more arguments
//   listen    where to listen; without it on a free port
//   data      the data folder; without it a new one
// It is stopped after the test `t`, and has to end well: exit code 0, and nothing on standard error.
export async function startServer(
  t,
  { settings = {}, flags = [], listen = '127.0.0.1:0', env, data = temporaryFolder(t) } = {},
) {
  const assignments = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const args = ['serve', '--listen', listen, '--data', data, ...assignments, ...flags];
  const server = new Server(spawn(program, args, { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] }), data);
  t.after(() => server.stop());
  const [, port] = await server.logged(/listening on [\w.:[\]]+:(\d+)/);
  server.port = Number(port);
  return server;
}

class Server {
  #child;
  #clients = new Set();
  #waiters = new Waiters();
  #lines = [];
  #stderr = '';
  #exit = null;

  constructor(child, data) {
    this.#child = child;
    this.data = data;
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      this.#lines.push(...lines);
      this.#waiters.changed();
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (this.#stderr += text));
    child.once('error', (error) => this.#ended(`could not start: ${error.message}`));
    child.once('close', (code, signal) => this.#ended(code ?? signal));
  }

  get pid() {
    return this.#child.pid;
  }

  // Every line that was logged so far.
  get log() {
    return this.#lines;
  }

  // The match of the first line of the log, from line `from` on, that `pattern` matches; waits for it.
  logged(pattern, from = 0) {
    return this.#waiters.until(() => {
      for (const line of this.#lines.slice(from)) {
        const match = pattern.exec(line);
        if (match) return match;
      }
      if (this.#exit !== null)
        throw new Error(`the server ended (${this.#exit}): ${this.#lines.join('\n')}${this.#stderr}`);
      return undefined;
    }, `a line of the log that matches ${pattern}`);
  }

  signal(name) {
    this.#child.kill(name);
  }

  // Resolves with the exit code, or the name of the signal that ended it.
  exited(ms) {
    return this.#waiters.until(() => this.#exit ?? undefined, 'the end of the server', ms);
  }

  // As a crash ends it: nothing is written down or said to anybody.
  async kill() {
    this.signal('SIGKILL');
    assert.equal(await this.exited(), 'SIGKILL');
  }

  async stop() {
    if (this.#exit === 'SIGKILL') return;
    for (const client of this.#clients) client.destroy();
    this.signal('SIGTERM');
    try {
      assert.equal(await this.exited(), 0, this.#lines.slice(-5).join('\n') + this.#stderr);
      assert.equal(this.#stderr, '');
    } finally {
      this.signal('SIGKILL');
    }
  }

  // A new TCP connection; with `tls` (options of node:tls) one that has finished its TLS handshake.
  async connect(tls) {
    const socket = tls
      ? connectTls({ host: '127.0.0.1', port: this.port, servername: 'localhost', ...tls })
      : connectTcp({ host: '127.0.0.1', port: this.port, allowHalfOpen: true });
    socket.setNoDelay(true);
    const connected = new Promise((resolve, reject) => {
      socket.once(tls ? 'secureConnect' : 'connect', resolve);
      socket.once('error', reject);
    });
    await within(connected, 'a connection');
    return socket;
  }

  // Speaks HTTP, byte by byte if need be.
  async http(tls) {
    const peer = new HttpPeer(await this.connect(tls));
    this.#clients.add(peer);
    return peer;
  }

  // One GET (or `method`) on a connection of its own: { status, headers, body }.
  async fetch(path, { method = 'GET', headers = {}, body } = {}) {
    const peer = await this.http();
    peer.request(method, path, { Host: `127.0.0.1:${this.port}`, Connection: 'close', ...headers }, body);
    const response = await peer.response({ head: method === 'HEAD' });
    peer.destroy();
    return response;
  }

  // The answer to an upgrade that is to be refused. `options`: see Client.upgradeHeaders.
  async refusal(options = {}) {
    const peer = await this.http();
    peer.request(
      options.method ?? 'GET',
      '/v1/realtime',
      Client.upgradeHeaders({ host: `127.0.0.1:${this.port}`, ...options }),
    );
    const response = await peer.response();
    assert.equal(await peer.ended(), '');
    return response;
  }

  // A WebSocket after its handshake. `options`: see Client.open.
  async open({ tls, ...options } = {}) {
    const client = await Client.open(await this.http(tls), { host: `127.0.0.1:${this.port}`, ...options });
    this.#clients.add(client);
    return client;
  }

  // A WebSocket that is signed in as `user`, or with `token`.
  async signIn(user, { token = this.token(user), ...options } = {}) {
    const client = await this.open(options);
    const reply = await client.request({ op: 'connect', token });
    assert.ok(reply.ok, JSON.stringify(reply));
    client.welcome = reply.ok;
    return client;
  }

  // Signs in and joins: what most conversations begin with.
  async member(user, group, options) {
    const client = await this.signIn(user, options);
    const reply = await client.request({ op: 'join', group });
    assert.ok(reply.ok, JSON.stringify(reply));
    return client;
  }

  // A token as the application's own backend makes them, with the secret of this server.
  token(user, claims = {}) {
    const secret = Buffer.from(readFileSync(join(this.data, 'keys', 'token.secret'), 'utf8').trim(), 'base64url');
    return signHs256(secret, { iss: 'pipit', sub: user, exp: Math.floor(Date.now() / 1000) + 600, ...claims });
  }

  // The memory of the process that is not on disk, in bytes.
  residentBytes() {
    const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    return Number(kilobytes) * 1024;
  }

  #ended(how) {
    this.#exit = how;
    this.#waiters.changed();
  }
}
