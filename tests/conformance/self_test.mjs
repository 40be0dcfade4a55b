// Proves that the suite can fail: a server without a fault passes everything, one with a fault fails exactly the cases
// that are about it. Run with: node tests/conformance/self_test.mjs
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { selectGroups } from './cases/index.mjs';
import { startFaultyEcho } from './faulty_echo.mjs';
import { runGroups } from './runner.mjs';
import { Verdict } from './verdict.mjs';

// Many of these servers stay silent where the suite waits for them, so the tests wait side by side.
const deadlineMs = 1500;
const messages = 3;

// The ids with `verdict` among the cases that `only` selects.
async function idsWith(verdict, { fault, only, deflate = false }) {
  const server = await startFaultyEcho({ faults: new Set(fault ? [fault] : []), deflate });
  try {
    const settings = { url: server.url, deflateUrl: deflate ? server.url : undefined, deadlineMs, messages };
    const groups = await runGroups(selectGroups(only), settings);
    return groups.flatMap(({ results }) => results).filter((result) => result.verdict === verdict).map(({ id }) => id);
  } finally {
    server.stop();
  }
}

const withoutLimits = ['1.*', '2.*', '3.*', '4.*', '5.*', '6.*', '7.*', '10.*'];
const idsOf = (only) => selectGroups(only).flatMap(({ cases }) => cases.map(({ id }) => id));
const deflateSample = ['12.1.2', '12.1.4', '12.4.9', '13.3.6', '13.3.9', '13.7.4'];

// [fault, cases that are run, those of them that must fail]
const faults = [
  ['wrong accept', ['1.1.1', '7.7.*'], ['1.1.1', '7.7.*']],
  ['extension nobody offered', ['1.1.1', '7.7.*'], ['1.1.1', '7.7.*']],
  ['last octet changed', ['1.1.1', '1.1.2', '1.2.8', '9.7.2', '10.*'], ['1.1.2', '1.2.8', '9.7.2', '10.*']],
  ['echoes cut at 65535', ['1.*', '10.*'], ['1.1.7', '1.1.8', '1.2.7', '1.2.8', '10.*']],
  ['text echoed as binary', ['1.*'], ['1.1.*']],
  ['echoes twice', ['1.1.2', '2.*', '5.3'], ['1.1.2', '5.3']],
  ['RSV1 unasked', ['1.1.2', '2.*', '5.3'], ['1.1.2', '5.3']],
  ['masked frames', ['1.1.2', '2.1', '3.1'], ['1.1.2', '2.1', '3.1']],
  ['long length forms', ['1.*', '2.1'], ['1.*', '2.1']],
  ['pings unanswered', ['2.*', '5.3', '5.6'], ['2.1', '2.2', '2.3', '2.4', '2.6', '2.9', '2.10', '2.11', '5.6']],
  ['empty pongs', ['2.*', '5.3', '5.6'], ['2.2', '2.3', '2.4', '2.6', '2.9', '2.10', '2.11', '5.6']],
  ['long control frames accepted', ['2.*', '7.3.*'], ['2.5', '7.3.6']],
  ['reserved bits ignored', ['1.1.2', '3.*', '4.*'], ['3.*']],
  ['reserved opcodes ignored', ['1.1.2', '3.*', '4.*'], ['4.*']],
  ['fragmented control frames accepted', ['5.1', '5.2', '5.6'], ['5.1']],
  ['stray continuations ignored', ['5.*'], ['5.9', '5.10', '5.11', '5.12', '5.13', '5.14', '5.15', '5.16', '5.17']],
  ['invalid UTF-8 accepted', ['6.1', '6.3', '6.4', '6.6', '6.20', '6.22'],
    ['6.3', '6.4', '6.6.1', '6.6.3', '6.6.5', '6.6.7', '6.6.8', '6.6.10', '6.20']],
  ['wrong close code', ['1.1.2', '3.1', '4.1.1', '6.3.1', '7.9.*'], ['3.1', '4.1.1', '6.3.1', '7.9.*']],
  ['any close code accepted', ['7.3.*', '7.7.*', '7.9.*'], ['7.9.*']],
  ['any close reason accepted', ['7.3.*', '7.5.1'], ['7.5.1']],
  ['close handshake skipped', ['1.1.2', '3.1', '7.1.*'], ['1.1.2', '7.1.*']],
  ['talks after Close', ['3.1', '7.1.2'], ['3.1', '7.1.2']],
  ['TCP left open', ['1.1.2', '3.1', '7.1.2'], ['1.1.2', '3.1', '7.1.2']],
];

const deflateFaults = [
  ['context kept in spite of the agreement', deflateSample],
  ['window unanswered', ['13.3.6', '13.3.9', '13.5.6']],
  ['window ignored', ['13.3.9', '13.5.9']],
  ['last octet changed', deflateSample],
];

describe('the suite', { concurrency: true }, () => {
  test('a server without a fault passes every case', async () => {
    assert.deepEqual(await idsWith(Verdict.fail, { only: withoutLimits }), []);
    assert.deepEqual(await idsWith(Verdict.nonStrict, { only: withoutLimits }), []);
  });

  test('a deflating server without a fault passes the sampled cases', async () => {
    assert.deepEqual(await idsWith(Verdict.pass, { only: deflateSample, deflate: true }), deflateSample);
  });

  test('a server without permessage-deflate has it unimplemented', async () => {
    assert.deepEqual(await idsWith(Verdict.unimplemented, { only: deflateSample }), deflateSample);
  });

  for (const [fault, only, failing] of faults) {
    test(`noticed: ${fault}`, async () => {
      assert.deepEqual((await idsWith(Verdict.fail, { fault, only })).sort(), idsOf(failing).sort());
    });
  }

  for (const [fault, cases] of deflateFaults) {
    test(`noticed with compression: ${fault}`, async () => {
      assert.deepEqual(await idsWith(Verdict.fail, { fault, only: cases, deflate: true }), cases);
    });
  }

  test('a server said to deflate fails by declining the plain offer', async () => {
    const server = await startFaultyEcho();
    try {
      const settings = { url: server.url, deflateUrl: server.url, deadlineMs, messages };
      const [compression, offers] = await runGroups(selectGroups(['12.1.1', '13.2.1']), settings);
      assert.equal(compression.results[0].verdict, Verdict.fail);
      assert.equal(offers.results[0].verdict, Verdict.unimplemented);
    } finally {
      server.stop();
    }
  });

  test('allowed but not recommended is non-strict', async () => {
    const late = ['6.4.1', '6.4.2', '6.4.3', '6.4.4'];
    assert.deepEqual(await idsWith(Verdict.nonStrict, { fault: 'UTF-8 checked at the end', only: ['6.2', '6.4'] }), late);
    const dropped = ['3.1', '4.1.1', '7.9.1'];
    assert.deepEqual(await idsWith(Verdict.nonStrict, { fault: 'failures without Close', only: ['1.1.2', ...dropped] }), dropped);
  });

  test('the command line exits with 1 on a failure and 0 without one', async () => {
    const runs = [['pings unanswered', 1, '0 passed, 1 failed'], [undefined, 0, '1 passed, 0 failed']];
    for (const [fault, exitCode, lastLine] of runs) {
      const server = await startFaultyEcho({ faults: new Set([fault]) });
      const run = fileURLToPath(new URL('./run.mjs', import.meta.url));
      const args = ['--url', server.url, '--only', '2.1', '--deadline-ms', String(deadlineMs)];
      const child = spawn(process.execPath, [run, ...args]);
      let output = '';
      child.stdout.on('data', (chunk) => { output += chunk; });
      const [code] = await once(child, 'close');
      server.stop();
      assert.equal(code, exitCode);
      assert.equal(output.trimEnd().split('\n').at(-1), lastLine);
    }
  });
});
