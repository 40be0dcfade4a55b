#!/usr/bin/env node
// The command line: node tests/conformance/run.mjs --help
import { parseArgs } from 'node:util';
import { selectGroups } from './cases/index.mjs';
import { groupLines, isReportFile, tally, tallyLine, writeReport } from './report.mjs';
import { runGroups } from './runner.mjs';
import { startServer } from './server_process.mjs';

const usage = `Checks a WebSocket echo server against RFC 6455 and RFC 7692.

  --url ws://HOST:PORT          the echo server
  --deflate-url ws://HOST:PORT  the one that must agree on permessage-deflate (default: --url, which may decline)
  --spawn PROGRAM               start both: PROGRAM --listen 127.0.0.1:0 [--deflate] [--message-bytes-max N]
  --only 1.*,9.2                only these cases
  --messages N                  messages for each case of 12 and 13 (default 20)
  --full                        as --messages 1000
  --deadline-ms N               how long a small answer may take (default 5000)
  --report FILE.md|FILE.html    also write every result to a file`;

const messageBytesMax = 64 * 1024 * 1024;

class UsageError extends Error {}

function positive(value, name) {
  if (!/^[1-9]\d*$/.test(value)) throw new UsageError(`--${name} takes a positive number, not "${value}"`);
  return Number(value);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      'deflate-url': { type: 'string' },
      spawn: { type: 'string' },
      only: { type: 'string', default: '' },
      messages: { type: 'string', default: '20' },
      full: { type: 'boolean', default: false },
      'deadline-ms': { type: 'string', default: '5000' },
      report: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  if ((values.url === undefined) === (values.spawn === undefined)) throw new UsageError('give either --url or --spawn');
  if (values.report && !isReportFile(values.report)) throw new UsageError('--report takes a .md or .html file');
  const groups = selectGroups(values.only.split(',').filter((pattern) => pattern !== ''));
  if (groups.length === 0) throw new UsageError(`no case is called ${values.only}`);
  return {
    groups,
    url: values.url,
    deflateUrl: values['deflate-url'],
    program: values.spawn,
    messages: values.full ? 1000 : positive(values.messages, 'messages'),
    deadlineMs: positive(values['deadline-ms'], 'deadline-ms'),
    report: values.report,
  };
}

// Runs against servers started here. Returns the finished groups and a sentence for each server that ended badly.
async function runSpawned(options, onGroup) {
  const plain = await startServer(options.program, ['--message-bytes-max', String(messageBytesMax)]);
  const deflating = await startServer(options.program, ['--deflate']).catch(async (error) => {
    await plain.stop();
    throw error;
  });
  let finished;
  const complaints = [];
  try {
    finished = await runGroups(options.groups, { ...options, url: plain.url, deflateUrl: deflating.url }, onGroup);
  } finally {
    complaints.push(...await Promise.all([plain.stop(), deflating.stop()]));
  }
  return { finished, complaints: complaints.filter((complaint) => complaint !== null) };
}

async function main() {
  const options = readOptions();
  if (!options) return console.log(usage);
  const print = (group) => groupLines(group).forEach((line) => console.log(line));
  const { finished, complaints } = options.program
    ? await runSpawned(options, print)
    : { finished: await runGroups(options.groups, options, print), complaints: [] };
  if (options.report) await writeReport(options.report, finished);
  for (const complaint of complaints) console.log(complaint);
  const counts = tally(finished);
  console.log(tallyLine(counts));
  if (counts.failed > 0 || complaints.length > 0) process.exitCode = 1;
}

main().catch((error) => {
  const isUsage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
  console.error(isUsage ? `${error.message}\n\n${usage}` : error);
  process.exitCode = 2;
});
