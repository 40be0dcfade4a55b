// A PostgreSQL server of the test's own, on a Unix socket in a folder of its own.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { Waiters, within } from '../integration/support/deadline.mjs';

const versions = '/usr/lib/postgresql'; // Debian keeps a folder for each

function findPrograms() {
  const newest = readdirSync(versions).sort((a, b) => Number(a) - Number(b)).at(-1);
  assert.ok(newest, `there is no ${versions}/*/bin (scripts/install test)`);
  return join(versions, newest, 'bin');
}

// It refuses to run as root.
function servant() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

// { url, stop }: a database in it that is empty.
export async function startPostgresql() {
  const folder = mkdtempSync('/tmp/pipit-postgresql-'); // short: the path of a socket has 107 characters
  const user = servant();
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const programs = findPrograms();
  const setup = ['--username=pipit', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const options = { ...user, stdio: 'pipe', cwd: folder };
  execFileSync(join(programs, 'initdb'), [`--pgdata=${folder}/data`, ...setup], options);
  const flags = ['-D', join(folder, 'data'), '-k', folder, '-c', 'listen_addresses=', '-c', 'max_connections=20'];
  const child = spawn(join(programs, 'postgres'), flags, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  const waiters = new Waiters();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
    waiters.changed();
  });
  const stop = async () => {
    child.kill('SIGQUIT');
    await within(ended, 'the end of PostgreSQL');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waiters.until(() => /ready to accept connections/.test(said) || undefined, 'PostgreSQL');
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL did not start: ${said}`, { cause: error });
  }
  return { url: `postgresql:///postgres?user=pipit&host=${folder}`, stop };
}
