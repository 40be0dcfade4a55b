// The sender in a process of its own (push_deliver.cpp).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Waiters, within } from '../integration/support/deadline.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = resolve(root, process.env.PIPIT_PUSH_DELIVER ?? 'build/asan/bin/pipit_push_deliver');

export class Sender {
  outcomes = []; // in the order they came
  said = ''; // on standard error: sanitizers, and a log if there were one
  #child;
  #ended;
  #waiters = new Waiters();
  #id = 0;

  // `flags` as push_deliver takes them.
  constructor(t, flags, env = {}) {
    this.#child = spawn(program, flags, { env: { ...process.env, ...env } });
    this.#ended = once(this.#child, 'close');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.outcomes.push(JSON.parse(line));
      this.#waiters.changed();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => (this.said += text));
    this.#child.stdin.on('error', () => {});
    t.after(() => this.#end());
  }

  // Hands a message over and returns its id.
  send(url, { user = 'ann', body = 'sealed' } = {}) {
    this.#id += 1;
    this.#child.stdin.write(`${JSON.stringify({ id: this.#id, user, url, body })}\n`);
    return this.#id;
  }

  outcome(id) {
    return this.#waiters.until(() => this.outcomes.find((outcome) => outcome.id === id), `the outcome of ${id}`);
  }

  deliver(url, options) {
    return this.outcome(this.send(url, options));
  }

  count(count) {
    return this.#waiters.until(() => this.outcomes.length >= count || undefined, `${count} outcomes`);
  }

  // Closes it, whatever is in flight.
  close() {
    if (this.#child.stdin.writable) this.#child.stdin.end('close\n');
    return within(this.#ended, 'the end of the sender');
  }

  // At the end of its test it must close without a complaint.
  async #end() {
    try {
      const [code, signal] = await this.close();
      assert.equal(this.said, '');
      assert.equal(code ?? signal, 0);
    } finally {
      this.#child.kill('SIGKILL');
    }
  }
}
