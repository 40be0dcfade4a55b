import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const servers_dir = join(import.meta.dirname, '../servers');

function run(command, args, options) {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
}

/** Builds `targets` of the release preset, from the root of the repository. */
export function build(targets) {
  console.error(`building ${targets.join(', ')}`);
  run('scripts/build', ['release', ...targets]);
}

/** Installs what the lock file of bench/servers names, unless that is what is there. */
export function install_npm_servers() {
  const installed = join(servers_dir, 'node_modules/.package-lock.json');
  const wanted = join(servers_dir, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  console.error('installing the npm servers');
  run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: servers_dir });
}
