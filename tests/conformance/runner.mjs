// Runs cases one after another and says what each came to.
import { performance } from 'node:perf_hooks';
import { Peer } from './peer.mjs';
import { Mismatch, Verdict } from './verdict.mjs';

// `settings` are { url, deflateUrl, deadlineMs, messages }; without `deflateUrl` the deflate groups use `url`, and a
// server that then agrees on nothing is merely without the extension. Returns, for each group,
// { id, title, results: [{ id, title, verdict, expected?, got?, notes, durationMs }] } and calls `onGroup` with it.
export async function runGroups(groups, settings, onGroup = () => {}) {
  const finished = [];
  for (const { id, title, cases, deflate } of groups) {
    const url = deflate ? settings.deflateUrl ?? settings.url : settings.url;
    const results = [];
    for (const testCase of cases) results.push(await runCase(testCase, url, settings));
    finished.push({ id, title, results });
    onGroup(finished.at(-1));
  }
  return finished;
}

async function runCase(testCase, url, { deadlineMs, messages, deflateUrl }) {
  const startMs = performance.now();
  const { verdict, notes = [], ...difference } = await judge(testCase, url, {
    deadlineMs: Math.max(deadlineMs, testCase.deadlineMs ?? 0),
    messages,
    knownToDeflate: deflateUrl !== undefined,
  });
  const durationMs = performance.now() - startMs;
  return { id: testCase.id, title: testCase.title, verdict, notes, ...difference, durationMs };
}

async function judge({ offers, run }, url, settings) {
  let peer;
  try {
    peer = await Peer.open(url, { offers, deadlineMs: settings.deadlineMs });
  } catch (error) {
    return { verdict: Verdict.fail, expected: 'a completed upgrade', got: error.message };
  }
  try {
    const outcome = await run(peer, settings);
    if (outcome) return { verdict: outcome.verdict, notes: [outcome.note] };
    return { verdict: peer.remarks.length > 0 ? Verdict.nonStrict : Verdict.pass, notes: peer.remarks };
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    return { verdict: Verdict.fail, expected: error.expected, got: error.got };
  } finally {
    peer.destroy();
  }
}
