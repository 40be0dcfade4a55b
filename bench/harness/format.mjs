// How figures are written.

export const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
export const exact = new Intl.NumberFormat('en');
export const three_digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
export const percent = (share) => (share === undefined ? '–' : `${whole.format(share * 100)} %`);

/** A table of Markdown: its first column is text, the others are figures. */
export function markdown_table(headings, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
