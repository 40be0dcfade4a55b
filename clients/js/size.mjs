// Prints what the browser bundles weigh on the wire, and fails when one is too heavy.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** What every page loads; what those load on top that call, list or push, of which the last two know HTTP; and the service worker. */
const GZIP_BYTES_MAX = {
  'pipit.js': 12_000,
  'pipit.mjs': 12_000,
  'pipit-calls.mjs': 7_600,
  'pipit-lists.mjs': 4_760,
  'pipit-push.mjs': 5_260,
  'pipit-sw.js': 1_900,
};
const dist = join(dirname(fileURLToPath(import.meta.url)), 'dist');
const bytesOf = (name) => gzipSync(readFileSync(join(dist, name)), { level: 9 }).length;

for (const [name, bytesMax] of Object.entries(GZIP_BYTES_MAX)) {
  const bytes = bytesOf(name);
  console.log(`${name}: ${bytes} bytes gzipped, at most ${bytesMax}`);
  if (bytes > bytesMax) process.exitCode = 1;
}
