import { execFileSync } from 'node:child_process';
import { cpus, release } from 'node:os';

/** What the figures of a run are worth nothing without. */
export const describe_machine = () => ({
  cpu: cpus()[0].model,
  kernel: release(),
  node: process.version,
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  date: new Date().toISOString().slice(0, 10),
});
