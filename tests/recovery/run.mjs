// Whether anything is lost, comes twice or out of order, while connections and servers fail:
//
//   node tests/recovery/run.mjs [--deliveries 1000000 --cuts 500 --restarts 50] [--seed N] [--record FILE]
//
// FILE is then written: all that was seen, as JSON, for whoever looks for the cause of a finding.
// Exit code 0: nothing was found, and what was then falsified in the record was.
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { program } from '../integration/support/program.mjs';
import { Run } from './recovery.mjs';
import { tamperings } from './tamper.mjs';
import { judge } from './verdict.mjs';

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '20000' },
    cuts: { type: 'string', default: '40' },
    restarts: { type: 'string', default: '4' },
    members: { type: 'string', default: '24' },
    groups: { type: 'string', default: '2' }, // of each kind
    pace: { type: 'string', default: '60' }, // ms between two acts of a member
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    record: { type: 'string' },
  },
});
const { record: recordFile, ...numbers } = values;
const { pace: paceMs, ...options } = Object.fromEntries(Object.entries(numbers).map(([name, text]) => [name, Number(text)]));
console.log(`recovery: seed ${options.seed}`);

const cleanups = [];
const started = performance.now();
let failed = false;
try {
  const run = new Run({ ...options, paceMs });
  const progress = setInterval(() => {
    const { cuts, restarts } = run.struck;
    console.log(`  ${secondsSince(started)} s: ${run.deliveries} deliveries, ${cuts} cuts, ${restarts} restarts`);
  }, 10_000);
  cleanups.push(() => clearInterval(progress));
  const record = await run.play({ after: (cleanup) => cleanups.push(cleanup) });
  const { findings, figures } = judge(record);
  if (recordFile !== undefined) writeFileSync(recordFile, JSON.stringify({ ...record, posts: [...record.posts], findings }));
  failed = report(run, record, findings, figures);
} catch (error) {
  console.error(error);
  failed = true;
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}
const again = Object.entries(numbers).map(([name, value]) => `--${name} ${value}`).join(' ');
console.log(`recovery: ${failed ? 'FAILED' : 'passed'} with seed ${options.seed}; the same again:`);
console.log(`  PIPIT_BIN=${program} node tests/recovery/run.mjs ${again}`);
process.exit(failed ? 1 : 0);

function secondsSince(beginMs) {
  return Math.round((performance.now() - beginMs) / 1000);
}

function report(run, record, findings, figures) {
  const { cuts, restarts, others } = run.struck;
  console.log(
    `recovery: ${figures.messages} messages and ${figures.notices} notices delivered to ${record.clients.length} clients ` +
      `in ${secondsSince(started)} s, ${cuts} cuts, ${others} other disturbances, ${restarts} restarts`,
  );
  console.log(
    `recovery: ${figures.posts} posts (${figures.resolved} resolved, ${figures.rejected} rejected, of which ` +
      `${figures.unsure} had taken effect), ${figures.recoveries} recoveries, ${figures.recovered_messages} messages ` +
      `recovered, ${figures.gaps} gaps announced with ${figures.missed} events known to be missing`,
  );
  console.log(
    `recovery: ${figures.again} posts took effect again after a server that had forgotten them, ` +
      `${figures.swallowed} were accepted for users who were away, ${figures.unheard} reached nobody`,
  );
  printPosts(record);
  const kinds = new Map();
  for (const { kind } of findings) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  for (const [kind, count] of kinds) {
    console.log(`recovery: FOUND ${count} × ${kind}`);
    for (const { text } of findings.filter((finding) => finding.kind === kind).slice(0, 5)) console.log(`    ${text}`);
  }
  if (findings.length > 0) return true;
  console.log('recovery: 0 lost, 0 twice, 0 out of order, every gap announced');
  return !isAlert(record);
}

function printPosts({ posts, isDurable }) {
  const reasons = new Map();
  for (const { reason } of posts.values()) if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const rejected = [...reasons].map(([reason, count]) => `${count} × ${reason}`).join(', ');
  const kindOf = (stream) => (stream.startsWith('@') ? 'to users' : isDurable(stream) ? 'durable' : 'in memory');
  const times = { durable: [], 'in memory': [], 'to users': [] };
  for (const { stream, state, madeAtMs, settledAtMs } of posts.values()) {
    if (state === 'resolved' && settledAtMs !== undefined) times[kindOf(stream)].push(settledAtMs - madeAtMs);
  }
  const quantiles = Object.entries(times).map(([kind, list]) => {
    list.sort((a, b) => a - b);
    const [p50, p99] = [0.5, 0.99].map((share) => Math.round(list[Math.floor(list.length * share)] ?? 0));
    return `${kind} ${p50} and ${p99} ms`;
  });
  console.log(`recovery: posts resolved after (p50 and p99) ${quantiles.join(', ')}; rejected: ${rejected || 'none'}`);
}

// A check that cannot fail is none: the same record with one thing falsified must be found wrong.
function isAlert(record) {
  let alert = true;
  for (const { name, kinds, tamper } of tamperings) {
    const undo = tamper(record);
    if (undo === null) {
      console.log(`recovery: falsified: ${name}: there was nothing to falsify`);
      continue;
    }
    const found = judge(record).findings.map(({ kind }) => kind);
    undo();
    const seen = kinds.some((kind) => found.includes(kind));
    console.log(`recovery: falsified: ${name}: ${seen ? `found (${[...new Set(found)].join(', ')})` : 'NOT FOUND'}`);
    alert &&= seen;
  }
  return alert;
}
