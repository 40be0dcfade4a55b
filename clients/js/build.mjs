// Builds the bundles and the types into dist/; with the argument `test` builds and runs the unit tests instead.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ownNames } from './names.mjs';

process.chdir(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const shared = {
  bundle: true,
  charset: 'utf8',
  define: { PIPIT_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
};

function run(program, ...parameters) {
  const { error, status } = spawnSync(program, parameters, { stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(1);
}

function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

async function runTests() {
  rmSync('dist/test', { recursive: true, force: true });
  const sources = testFiles('src');
  await build({
    ...shared,
    entryPoints: sources,
    outdir: 'dist/test',
    outbase: 'src',
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
  });
  const built = sources.map((source) => join('dist/test', relative('src', source)).replace(/\.ts$/, '.mjs'));
  run(process.execPath, '--enable-source-maps', '--test', ...built);
}

async function buildDistribution() {
  run('python3', '../../scripts/generate_codes.py', 'ts', 'src/codes.ts');
  // Browsers of 2021 and later.
  const mangleProps = new RegExp(`^(?:${ownNames().join('|')})$`);
  const browser = { ...shared, minify: true, mangleProps, platform: 'browser', target: 'es2021' };
  await Promise.all([
    build({ ...browser, entryPoints: ['src/index.ts'], outfile: 'dist/pipit.mjs', format: 'esm' }),
    build({ ...browser, entryPoints: ['src/global.ts'], outfile: 'dist/pipit.js', format: 'iife' }),
    build({
      ...shared,
      entryPoints: ['src/node/index.ts'],
      outfile: 'dist/node.mjs',
      format: 'esm',
      platform: 'node',
      target: 'node20',
    }),
  ]);
  run(process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json');
}

await (process.argv[2] === 'test' ? runTests() : buildDistribution());
