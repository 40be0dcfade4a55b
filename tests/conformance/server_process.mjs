// An echo server of our own, started for one run.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const startDeadlineMs = 10_000;
const stopDeadlineMs = 10_000;

// Starts `program --listen 127.0.0.1:0 …flags` and waits for its line "listening on HOST:PORT".
// Returns { url, stop }; `stop` sends SIGTERM and resolves to null, or to a sentence when the server did not end well.
export async function startServer(program, flags) {
  const child = spawn(program, ['--listen', '127.0.0.1:0', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not start: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `exit code ${code}`));
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), startDeadlineMs);
  try {
    const address = await Promise.race([
      listeningAddress(child),
      exited.then((how) => Promise.reject(new Error(`${program} printed no "listening on HOST:PORT": ${how}`))),
    ]);
    return { url: `ws://${address}`, stop: () => stop(program, child, exited) };
  } finally {
    clearTimeout(timer);
  }
}

async function listeningAddress(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address] = /listening on (\S+:\d+)/.exec(line) ?? [];
    if (address) {
      child.stdout.resume();
      return address;
    }
  }
  return new Promise(() => {});
}

async function stop(program, child, exited) {
  const hadExited = child.exitCode !== null || child.signalCode !== null;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
  const how = await exited;
  clearTimeout(timer);
  if (hadExited) return `${program} was gone before it was stopped: ${how}`;
  return how === 'exit code 0' ? null : `${program} did not stop cleanly: ${how}`;
}
