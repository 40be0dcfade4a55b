// Results for a terminal, and as one Markdown or HTML file.
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Verdict, isPassed } from './verdict.mjs';

export function tally(groups) {
  const results = groups.flatMap((group) => group.results);
  const count = (predicate) => results.filter(({ verdict }) => predicate(verdict)).length;
  return {
    passed: count(isPassed),
    failed: count((verdict) => verdict === Verdict.fail),
    skipped: count((verdict) => verdict === Verdict.unimplemented),
  };
}

export const tallyLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

const outcome = ({ verdict, expected, got, notes }) =>
  (verdict === Verdict.fail ? `expected ${expected}; got ${got}` : notes.join('; '));

// One line for the group, one for each case that is more than passed. A run of cases that differ only in size and say
// the same (declined offers, mostly) is one line with the range of its numbers.
export function groupLines(group) {
  const verdicts = Object.values(Verdict)
    .map((verdict) => [verdict, group.results.filter((result) => result.verdict === verdict).length])
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`);
  const lines = [`${group.id.padStart(2)} ${group.title}: ${verdicts.join(', ')}`];
  let run = null;
  for (const result of group.results.filter(({ verdict }) => verdict !== Verdict.pass)) {
    const what = `${result.verdict}: ${outcome(result)}`;
    if (run?.what === what && result.verdict === Verdict.unimplemented) {
      run.last = result;
      lines.pop();
    } else {
      run = { what, first: result, last: result };
    }
    const ids = run.first === run.last ? `${result.id} (${result.title})` : `${run.first.id} to ${run.last.id}`;
    lines.push(`     ${ids} ${what}`);
  }
  return lines;
}

const columns = ['case', 'what', 'verdict', 'outcome', 'ms'];
const row = (result) => [result.id, result.title, result.verdict, outcome(result), result.durationMs.toFixed(1)];

function markdown(groups) {
  const cells = (values) => `| ${values.map((value) => value.replaceAll('|', '\\|')).join(' | ')} |`;
  const head = [cells(columns), cells(columns.map(() => '---'))];
  const sections = groups.map(({ id, title, results }) =>
    [`## ${id} ${title}`, '', ...head, ...results.map((result) => cells(row(result))), ''].join('\n'));
  return `# WebSocket conformance\n\n${tallyLine(tally(groups))}\n\n${sections.join('\n')}`;
}

function html(groups) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  const escape = (value) => value.replace(/[&<>"]/g, (character) => entities[character]);
  const cells = (tag, values) => `<tr>${values.map((value) => `<${tag}>${escape(value)}</${tag}>`).join('')}</tr>`;
  const tableRow = (result) => cells('td', row(result)).replace('<tr>', `<tr class="${result.verdict}">`);
  const sections = groups.map(({ id, title, results }) =>
    `<h2>${escape(`${id} ${title}`)}</h2>\n<table>\n${cells('th', columns)}\n${results.map(tableRow).join('\n')}\n</table>`);
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>WebSocket conformance</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.2rem 0.6rem; border-bottom: 1px solid #ddd; vertical-align: top; }
.fail td:nth-child(3) { color: #b00020; font-weight: bold; }
.pass td:nth-child(3) { color: #1b7f3b; }
</style>
<h1>WebSocket conformance</h1>
<p>${tallyLine(tally(groups))}</p>
${sections.join('\n')}
</html>
`;
}

// The format follows the file's name: .md or .html.
export const isReportFile = (file) => ['.md', '.html'].includes(extname(file));
export const writeReport = (file, groups) => writeFile(file, extname(file) === '.md' ? markdown(groups) : html(groups));
