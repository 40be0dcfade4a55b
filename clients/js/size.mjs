// Prints what the browser bundles weigh on the wire, and fails when one is too heavy.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const GZIP_BYTES_MAX = 12_000;
const dist = join(dirname(fileURLToPath(import.meta.url)), 'dist');

for (const name of ['pipit.js', 'pipit.mjs']) {
  const bytes = gzipSync(readFileSync(join(dist, name)), { level: 9 }).length;
  console.log(`${name}: ${bytes} bytes gzipped, at most ${GZIP_BYTES_MAX}`);
  if (bytes > GZIP_BYTES_MAX) process.exitCode = 1;
}
