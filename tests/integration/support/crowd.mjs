// Clients that are processes of their own (tests/crowd), so that they can be killed and stopped.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { Waiters } from './deadline.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const program = resolve(root, process.env.PIPIT_CROWD_BIN ?? 'build/release/bin/pipit_crowd');

// A thousand processes on a busy machine take their time, and more than one client would.
const deadlineMs = 60_000;

// Starts a process for each of `places` ({ user, group }), which signs in and joins, and waits until all have. None may
// lose its connection before stop(). Whatever happens, they are gone after the test `t`.
export async function startCrowd(t, server, places) {
  const crowd = new Crowd(server, places);
  t.after(() => crowd.destroy());
  await crowd.until(({ cid, epoch }) => cid && epoch, 'everybody to join');
  return crowd;
}

class Crowd {
  #child;
  #waiters = new Waiters();
  #exit = null;
  #stderr = '';

  constructor(server, places) {
    this.members = places.map((place) => ({ ...place, events: [], killed: false }));
    this.#child = spawn(program, [String(server.port)], { stdio: ['pipe', 'pipe', 'pipe'] });
    const greetings = places.map(({ user, group }) =>
      [
        { id: 1, op: 'connect', token: server.token(user) },
        { id: 2, op: 'join', group },
      ]
        .map((command) => JSON.stringify(command))
        .join('\t'),
    );
    this.#child.stdin.on('error', () => {}); // it has ended, which is told below
    this.#child.stdin.write(`${greetings.join('\n')}\n\n`);
    let rest = '';
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) this.#onLine(line);
      this.#waiters.changed();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => (this.#stderr += text));
    this.#child.once('error', (error) => this.#onExit(`could not start: ${error.message}`));
    this.#child.once('close', (code, signal) => this.#onExit(code ?? signal));
  }

  get survivors() {
    return this.members.filter(({ killed }) => !killed);
  }

  // Resolves once `isSo` of every survivor.
  until(isSo, what, ms = deadlineMs) {
    return this.#waiters.until(() => {
      if (this.#exit !== null) throw new Error(`the crowd ended (${this.#exit}): ${this.#stderr}`);
      for (const member of this.survivors) {
        if (member.lost !== undefined) throw new Error(`${member.cid} lost its connection: ${member.lost}`);
      }
      return this.survivors.every(isSo) || undefined;
    }, what, ms);
  }

  // As the kernel ends what has used up the memory: their sockets are closed, and no word is said.
  kill(members) {
    for (const member of members) {
      member.killed = true;
      process.kill(member.pid, 'SIGKILL');
    }
  }

  // Sends the survivors home, where they must arrive well.
  async stop() {
    this.#child.stdin.end();
    await this.#waiters.until(() => this.#exit ?? undefined, 'the end of the crowd', deadlineMs);
    assert.deepEqual([this.#exit, this.#stderr], [0, '']);
  }

  destroy() {
    this.#child.kill('SIGKILL'); // the kernel does the same to each member, whose parent has died then
  }

  // See tests/crowd/member.hpp.
  #onLine(line) {
    const at = performance.now();
    const [, number, rest] = /^(\d+) (.*)$/.exec(line);
    const member = this.members[number];
    if (!rest.startsWith('{')) {
      const [, what, value] = /^(\w+) (.*)$/.exec(rest);
      member[what] = value;
      return;
    }
    const object = JSON.parse(rest);
    if (object.ev !== undefined) {
      member.events.push({ ...object, json: rest, at });
    } else {
      assert.ok(object.ok, rest);
      Object.assign(member, object.ok); // of `connect` the cid, of `join` its place in the group
    }
  }

  #onExit(how) {
    this.#exit = how;
    this.#waiters.changed();
  }
}
