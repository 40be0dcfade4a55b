// Programs that others have written, to have their word on what ours does.
import { spawn } from 'node:child_process';
import { within } from './deadline.mjs';

// Runs one to its end: { code, out }, both of its outputs together.
export async function runTool(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const result = { code: null, out: '' };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (result.out += text));
  const ended = new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => done(code ?? signal));
  });
  try {
    result.code = await within(ended, `${command} ${args.join(' ')}`);
  } finally {
    child.kill('SIGKILL');
  }
  return result;
}
