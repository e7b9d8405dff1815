import type { Readable } from 'node:stream';

/** A text in quotation marks goes over at most so many lines. */
const MAX_LINES = 50;
const MAX_CHARACTERS = 65_536;
/** Lines of one file may end in different ways. A return at the end of a part may be the first half of an end. */
const LINE_END = /\r\n|\n|\r(?!$)/;

/** One line of a table, or several when a text in quotation marks goes over them. */
export interface WholeLine {
  /** The number of its first line. */
  readonly line: number;
  /** Undefined for a line that is not one of a table. */
  readonly text: string | undefined;
}

/**
 * The lines of a table in their order, whatever parts the file comes in. A line on which a quotation mark is opened and that is
 * not closed within some lines has no text, because it would swallow the rows after it; neither has one that is too long.
 */
export async function* wholeLines(source: Readable): AsyncGenerator<WholeLine> {
  const lines = new WholeLines();
  const decoder = new TextDecoder();
  let rest = '';
  let isEndless = false;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const parts = `${rest}${decoder.decode(chunk, { stream: true })}`.split(LINE_END);
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (isEndless) lines.addTooLong();
      else lines.add(part);
      isEndless = false;
    }
    if (isEndless || withoutReturn(rest).length > MAX_CHARACTERS) {
      // What follows until the end of the line belongs to it, and is not kept.
      isEndless = true;
      rest = rest.endsWith('\r') ? '\r' : '';
    }
    yield* lines.take();
  }
  if (isEndless) lines.addTooLong();
  else if (rest !== '') lines.add(withoutReturn(rest));
  lines.end();
  yield* lines.take();
}

/** The lines of the beginning of a table. Unless that is the whole table, its last line may be cut off and is left out. */
export function* headLines(head: string, isWhole: boolean): Generator<WholeLine> {
  const lines = new WholeLines();
  const parts = (head.endsWith('\r') ? `${head}\n` : head).split(LINE_END);
  if (!isWhole || parts.at(-1) === '') parts.pop();
  for (const part of parts) {
    lines.add(part);
    yield* lines.take();
  }
  if (isWhole) lines.end();
  yield* lines.take();
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

class WholeLines {
  private whole: WholeLine[] = [];
  /** Lines since a quotation mark was opened. */
  private open: string[] = [];
  private size = 0;
  private count = 0;

  add(line: string): void {
    if (line.length > MAX_CHARACTERS) {
      this.addTooLong();
      return;
    }
    this.count += 1;
    const turns = isOdd(line);
    if (this.open.length === 0 && !turns) {
      this.whole.push({ line: this.count, text: line });
      return;
    }
    this.open.push(line);
    this.size += line.length;
    if (turns && this.open.length > 1) this.close();
    else if (this.open.length >= MAX_LINES || this.size > MAX_CHARACTERS) this.drop();
  }

  /** A text in quotation marks does not go over such a line. */
  addTooLong(): void {
    this.end();
    this.count += 1;
    this.whole.push({ line: this.count, text: undefined });
  }

  end(): void {
    while (this.open.length > 0) this.drop();
  }

  take(): WholeLine[] {
    const { whole } = this;
    this.whole = [];
    return whole;
  }

  private close(): void {
    this.whole.push({ line: this.count - this.open.length + 1, text: this.open.join('\n') });
    this.open = [];
    this.size = 0;
  }

  /** Leaves out the line with the open mark, and looks at the lines after it again. */
  private drop(): void {
    const [, ...others] = this.open;
    this.count -= others.length;
    this.whole.push({ line: this.count, text: undefined });
    this.open = [];
    this.size = 0;
    for (const line of others) this.add(line);
  }
}

function isOdd(line: string): boolean {
  let marks = 0;
  for (let place = line.indexOf('"'); place >= 0; place = line.indexOf('"', place + 1)) marks += 1;
  return marks % 2 === 1;
}
