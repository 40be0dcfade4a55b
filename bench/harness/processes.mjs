// What the kernel knows of a running process.
import { readFileSync, readdirSync } from 'node:fs';

/** CPU seconds of each thread that is alive, by its name; those of one name together. */
export function cpu_s_by_thread(pid) {
  const seconds = {};
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    const name = readFileSync(`${folder}/comm`, 'utf8').trimEnd();
    const [on_cpu_ns] = readFileSync(`${folder}/schedstat`, 'utf8').split(' ');
    seconds[name] = (seconds[name] ?? 0) + Number(on_cpu_ns) / 1e9;
  }
  return seconds;
}

/** The most memory that it has had resident so far. */
export function rss_max_bytes(pid) {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kib) * 1_024;
}
