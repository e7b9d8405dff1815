const COLUMNS = 68;
const ROWS = 12;
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200];
/** The eight dots of a Braille character, as [row][column]: a cell of text has 2 by 4 points. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

export interface Point {
  readonly time: number;
  readonly value: number;
}

/** Draws a curve with labelled axes, at most 80 columns wide. The points must be in the order of time; at least one. */
export function chart(points: readonly Point[], unit: string): string[] {
  const values = points.map((point) => point.value);
  const scale = scaleOf(values.reduce(smaller), values.reduce(larger));
  const cells = Array.from({ length: ROWS }, () => Array.from({ length: COLUMNS }, () => 0));
  const dots = points.map((point) => ({ x: across(point.time, points), y: scale.down(point.value) }));
  dots.forEach((dot, index) => line(cells, dots[index - 1] ?? dot, dot));

  const labels = new Map(
    scale.ticks.map((tick) => [Math.floor(scale.down(tick) / 4), tick.toFixed(scale.digits)]),
  );
  const rows = cells.map((row, index) => {
    const label = labels.get(index);
    const curve = row.map((bits) => (bits ? String.fromCodePoint(0x2800 + bits) : ' ')).join('');
    return `${(label ?? '').padStart(6)} ${label ? '┤' : '│'}${curve}`.trimEnd();
  });
  return [`${unit.padStart(6)}`, ...rows, ...timeAxis(points)];
}

/** Round limits and ticks around the values, and the position (in dots from the top) of a value. */
function scaleOf(min: number, max: number) {
  const step = STEPS.find((size) => (max - min) / size <= 5) ?? max - min;
  const bottom = Math.floor(min / step);
  const top = Math.max(Math.ceil(max / step), bottom + 1);
  const ticks = Array.from({ length: top - bottom + 1 }, (_, index) => (bottom + index) * step);
  const down = (value: number): number =>
    Math.round(((top - value / step) / (top - bottom)) * (ROWS * 4 - 1));
  return { ticks, down, digits: step < 1 ? 1 : 0 };
}

function across(time: number, points: readonly Point[]): number {
  const [first = 0, last = 0] = [points[0]?.time, points.at(-1)?.time];
  return last === first ? COLUMNS : Math.round(((time - first) / (last - first)) * (COLUMNS * 2 - 1));
}

const smaller = (one: number, other: number): number => Math.min(one, other);
const larger = (one: number, other: number): number => Math.max(one, other);

interface Dot {
  readonly x: number;
  readonly y: number;
}

function line(cells: number[][], from: Dot, to: Dot): void {
  const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1);
  for (let step = 0; step <= steps; step += 1) {
    const x = Math.round(from.x + ((to.x - from.x) * step) / steps);
    const y = Math.round(from.y + ((to.y - from.y) * step) / steps);
    const row = cells[Math.floor(y / 4)];
    const column = Math.floor(x / 2);
    if (row) row[column] = (row[column] ?? 0) | (DOTS[y % 4]?.[x % 2] ?? 0);
  }
}

function timeAxis(points: readonly Point[]): string[] {
  const [first = 0, last = 0] = [points[0]?.time, points.at(-1)?.time];
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  const [left, middle, right] = [day(first), day((first + last) / 2), day(last)];
  const half = COLUMNS / 2;
  const ruler = `       └${'─'.repeat(half - 1)}┬${'─'.repeat(half - 1)}┬`;
  return left === right
    ? [ruler, `${' '.repeat(8 + half - 5)}${middle}`]
    : [ruler, `        ${left}${middle.padStart(half - 5)}${right.padStart(half - 5)}`];
}
