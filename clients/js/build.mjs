// Builds the bundles and the types into dist/; with the argument `test` builds and runs the unit tests instead.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';
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

// Each of these folders is a bundle of its own. A part is a file beside the one that wants it, and fetched by that.
const PARTS = ['calls', 'lists', 'push'];
const WORKER = 'worker';
const partsApart = {
  name: 'parts-apart',
  setup({ onResolve, initialOptions: { format } }) {
    onResolve({ filter: /\/part\.js$/ }, ({ path, kind }) => {
      if (kind !== 'dynamic-import') return undefined;
      return { path: `./pipit-${path.split('/').at(-2)}.mjs`, external: true };
    });
    if (format === 'iife') onResolve({ filter: /\/load\.js$/ }, () => ({ path: resolve('src/load.script.ts') }));
  },
};

/** @param own the folders that the bundle is made of, beside what all share */
function browserBundle(source, name, format, ...own) {
  const others = [...PARTS, WORKER].filter((folder) => !own.includes(folder));
  const ofOthers = new RegExp(`/(?:${others.join('|')})/(?!link)`);
  return { source, name, format, names: ownNames((path) => !ofOthers.test(path)) };
}

/** Browsers of 2021 and later. The second minifier finds what the first leaves, and is told that reading a member does nothing else. */
async function bundleForBrowsers({ source, name, format, names }) {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: [source],
    format,
    mangleProps: new RegExp(`^(?:${names.join('|')})$`),
    minify: true,
    platform: 'browser',
    plugins: [partsApart],
    target: 'es2021',
    write: false,
  });
  const { code } = await minify(outputFiles[0].text, {
    compress: { passes: 3, pure_getters: true, unsafe_arrows: true },
    ecma: 2020,
    module: format === 'esm',
  });
  writeFileSync(join('dist', name), code);
}

async function buildDistribution() {
  run('python3', '../../scripts/generate_codes.py', 'ts', 'src/codes.ts');
  mkdirSync('dist', { recursive: true });
  const bundles = [
    browserBundle('src/index.ts', 'pipit.mjs', 'esm'),
    browserBundle('src/global.ts', 'pipit.js', 'iife'),
    ...PARTS.map((part) => browserBundle(`src/${part}/part.ts`, `pipit-${part}.mjs`, 'esm', part)),
    browserBundle('src/worker/worker.ts', 'pipit-sw.js', 'iife', WORKER, 'push'),
  ];
  await Promise.all([
    ...bundles.map(bundleForBrowsers),
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
