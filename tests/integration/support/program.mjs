// The program under test, run as an operator runs it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deadlineMs, within } from './deadline.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export const program = resolve(root, process.env.PIPIT_BIN ?? 'build/release/bin/pipit');

// Our own environment without what would configure the program (and without PIPIT_BIN, which it would refuse).
export function environment(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PIPIT_'));
  return { ...Object.fromEntries(kept), ...extra };
}

// A folder that is gone after the test. `t`: a test context, or { after } of node:test for a whole file.
export function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'pipit-integration-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// Runs one command to its end: { code, out, err }.
export async function run(args, { env, cwd } = {}) {
  const child = spawn(program, args, { env: environment(env), cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const result = { code: null, out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (result.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (result.err += text));
  const ended = new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => done(code ?? signal));
  });
  try {
    result.code = await within(ended, `pipit ${args.join(' ')}`, deadlineMs);
  } finally {
    child.kill('SIGKILL');
  }
  return result;
}
