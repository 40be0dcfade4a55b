import { scenarios } from './options.mjs';
import { servers } from './servers.mjs';

const width = 860;
const axis = { left: 150, right: 760 };
const row_height = 22;
const heading_height = 40;

// On its own ground, so that it can be read wherever it is shown; dark where the reader's system is. Text has an edge
// in the ground's colour, so that the grid does not run through it.
const style = `
  svg { font: 13px system-ui, sans-serif }
  .ground { fill: #ffffff } text { fill: #24292f; stroke: #ffffff; stroke-width: 4px; paint-order: stroke } .quiet { fill: #57606a } .title { font-weight: 600; font-size: 16px }
  .heading { font-weight: 600 } .grid { stroke: #d8dee4 } .range { stroke: #8c959f; stroke-width: 2 }
  .other { fill: #8c959f } .limit { fill: #24292f } .ours { fill: #0b7d4f }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3; stroke: #0d1117 } .quiet { fill: #9198a1 }
    .grid { stroke: #30363d } .range { stroke: #6e7681 }
    .other { fill: #6e7681 } .limit { fill: #e6edf3 } .ours { fill: #3fb97f }
  }`;

const kind_of = { pipit: 'ours', bare: 'limit' };
const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

function log_scale(values) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(Math.ceil(Math.log10(Math.max(...values))), low + 1);
  const x = (value) => axis.left + ((Math.log10(value) - low) / (high - low)) * (axis.right - axis.left);
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return { x, ticks };
}

function row(y, name, figure, x) {
  const { title } = servers[name];
  return `<text x="${axis.left - 12}" y="${y + 4}" text-anchor="end">${title}</text>
    <line class="range" x1="${x(figure.min)}" x2="${x(figure.max)}" y1="${y}" y2="${y}"/>
    <circle class="${kind_of[name] ?? 'other'}" cx="${x(figure.median)}" cy="${y}" r="5"/>
    <text class="quiet" x="${x(figure.max) + 10}" y="${y + 4}">${digits.format(figure.median)}</text>`;
}

/** One scale, and below it a group of rows for each scenario. */
function panel(top, title, by_scenario, figure_name) {
  const positive = (figure) => figure.min > 0;
  const groups = Object.entries(by_scenario).map(([scenario, by_server]) => [
    scenario,
    Object.entries(by_server).map(([name, f]) => [name, f[figure_name]]).filter(([, figure]) => positive(figure)),
  ]);
  const values = groups.flatMap(([, rows]) => rows.flatMap(([, { min, max }]) => [min, max]));
  if (values.length === 0) return { svg: '', bottom: top };
  const { x, ticks } = log_scale(values);

  const rows = [];
  let y = top + 46;
  for (const [scenario, figures] of groups) {
    rows.push(`<text class="heading" x="20" y="${y + 22}">${scenarios[scenario]}</text>`);
    y += heading_height;
    for (const [name, figure] of figures) {
      rows.push(row(y, name, figure, x));
      y += row_height;
    }
  }
  const grid = ticks.map(
    (tick) => `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${top + 50}" y2="${y}"/>
      <text class="quiet" x="${x(tick)}" y="${top + 44}" text-anchor="middle">${tick.toLocaleString('en')}</text>`,
  );
  const svg = `<text class="title" x="20" y="${top + 20}">${title}</text>${grid.join('')}${rows.join('')}`;
  return { svg, bottom: y + 20 };
}

/** The figures as an SVG: a dot at the median, a line from the least to the greatest round. */
export function plot(figures) {
  const { idle, ...traffic } = figures;
  const cpu = panel(10, 'Server CPU time for one delivery, µs (log scale, less is better)', traffic, 'cpu_us_per_delivery');
  const memory = panel(
    cpu.bottom, 'Memory for one idle connection, bytes (log scale, less is better)', idle ? { idle } : {},
    'rss_bytes_per_connection',
  );
  const height = memory.bottom;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<style>${style}</style><rect class="ground" width="100%" height="100%"/>
${cpu.svg}
${memory.svg}
</svg>
`;
}
