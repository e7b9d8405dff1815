import { cpus, loadavg, totalmem } from 'node:os';
import { grouped, type Result } from './measure.js';

/** The results of one database. */
export interface Report {
  readonly database: string;
  readonly machine: string;
  readonly results: readonly Result[];
}

export function machineLine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1_024 ** 3);
  const load = loadavg()[0]?.toFixed(1);
  return `${cpu?.model.trim()}, ${cpus().length} cores, ${memory} GiB, Node ${process.version}, load before ${load}`;
}

const HEAD = ['', 'clients', 'service', 'bare', 'ratio', 'p95', 'cpu', 'bare cpu', 'noise', 'target', ''];
/** Columns with text; the others are right-aligned numbers. */
const LEFT = new Set([0, 9, 10]);

export function table({ database, machine, results }: Report): string {
  const rows = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        LEFT.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [`${database} — ${machine}`, ...lines].join('\n');
}

function cells(result: Result): string[] {
  const { name, clients, unit, perSecond, bare, ratio, p95, cpu, bareCpu, noise, value, target, isMet } =
    result;
  return [
    name,
    clients?.toString() ?? '',
    value ?? `${whole(perSecond)}${unit === 'items' ? ' items' : ''}/s`,
    bare === undefined ? '' : `${whole(bare)}/s`,
    ratio?.toFixed(2) ?? '',
    p95 === undefined ? '' : `${p95.toFixed(1)} ms`,
    cost(cpu),
    cost(bareCpu),
    noise === undefined ? '' : `${Math.round(noise * 100)} %`,
    target,
    isMet ? 'pass' : 'MISS',
  ];
}

/** Markdown: of each case that has a bare baseline, the ratio on each database. */
export function comparison(reports: readonly Report[]): string {
  const names = new Set(reports.flatMap(({ results }) => results.map(({ name }) => name)));
  const rows = [...names].flatMap((name) => {
    const found = reports.map(({ results }) => results.find((result) => result.name === name));
    const [first] = found;
    return first?.ratio === undefined ? [] : [[name, `${first.clients}`, ...found.map(side), first.target]];
  });
  const head = ['', 'clients', ...reports.map(({ database }) => database), 'target'];
  const lines = [head, head.map(() => '---'), ...rows].map((cellsOfRow) => `| ${cellsOfRow.join(' | ')} |`);
  return lines.join('\n');
}

const side = ({ ratio, perSecond, bare, p95, unit }: Partial<Result> = {}): string =>
  `**${ratio?.toFixed(2)}** (${whole(perSecond)}${unit === 'items' ? ' items' : ''}/s, bare ${whole(bare)}/s, p95 ${p95?.toFixed(1)} ms)`;

const whole = (value = NaN): string => grouped(Math.round(value));
const cost = (milliseconds = NaN): string =>
  Number.isNaN(milliseconds) ? '' : `${milliseconds.toFixed(2)} ms`;
