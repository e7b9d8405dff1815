import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { TimeSlice } from '../../../../platform/time-slice.js';
import { fault, type RowFault, UnreadableFile } from './import-format.js';
import { type JsonElement, JsonDocument } from './json-document.js';
import { isObject, type JsonObject } from './json-values.js';

/** An object of the file that is one of its records. */
export interface JsonRecord {
  readonly line: number;
  /** Its number in the file, from 1. All records of a file may be on one line. */
  readonly record: number;
  readonly value: JsonObject;
  /** The name of the list that it is in, where the file has lists with names. */
  readonly list: string | undefined;
}

/** Whether a list with this name has records. */
type IsList = (name: string) => boolean;

/** A longer line, or a longer record, is not read. */
const MAX_LENGTH = 1_048_576;
/** The byte that ends a line. */
const LINE_FEED = 10;
const BRACE = 0x7b;
/** A tab, a return, a space, and the mark at the beginning of a file. */
const BLANKS: ReadonlySet<number> = new Set([0x09, 0x0d, 0x20, 0xef, 0xbb, 0xbf]);
/** So much is looked for tokens at once. */
const SLICE_BYTES = 32_768;
/** A file with so many records that are none is of another format. */
const MAX_FAULTS = 10_000;

/**
 * The records of a JSON file, one after the other: the objects of a list, a single object, those of the lists in an object
 * whose names `isList` accepts, or one object on each line. Memory does not grow with the file.
 * @throws UnreadableFile
 */
export async function* jsonRecords(source: Readable, isList: IsList): AsyncGenerator<JsonRecord | RowFault> {
  const parts = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let [record, faults] = [0, 0];
  try {
    const first = await firstLine(parts);
    const elements = (await isWhole(first.line, isList))
      ? lineElements(first.read, parts, isList)
      : documentElements(first.read, parts, isList);
    for await (const { line, value, list } of elements) {
      record += 1;
      if (isObject(value)) yield { line, record, value, list };
      else if (++faults > MAX_FAULTS)
        throw new UnreadableFile('too-many-faults', `More than ${MAX_FAULTS} records cannot be read.`);
      else yield { ...unreadable(line), record };
    }
  } finally {
    source.destroy();
  }
}

const unreadable = (line: number): RowFault =>
  fault(line, 'record', 'unreadable', 'The record is not a JSON object in UTF-8, or is longer than 1 MiB');

/** Reads as much of the file as is needed to know its first line with content. */
async function firstLine(parts: AsyncIterator<Buffer>): Promise<{ line: string; read: Buffer }> {
  let read = Buffer.alloc(0);
  for (;;) {
    const part = await parts.next();
    if (!part.done) read = Buffer.concat([read, part.value]);
    const text = read
      .toString()
      .replace(/^\uFEFF/, '')
      .trimStart();
    const end = text.indexOf('\n');
    if (end >= 0 || part.done === true || read.length > MAX_LENGTH)
      return { line: end >= 0 ? text.slice(0, end) : text, read };
  }
}

/** Whether a line is an object by itself, so that the other lines are objects, too. */
const isWhole = async (line: string, isList: IsList): Promise<boolean> =>
  line.startsWith('{') &&
  line.length <= MAX_LENGTH &&
  (await new Line(isList).read(Buffer.from(line))).isWhole;

/** Reads one line after the other by the rules of a document. */
class Line {
  private document: JsonDocument | undefined;
  private readonly turns = new TimeSlice();

  constructor(private readonly isList: IsList) {}

  /** @returns what is in an object, with whether it is whole, and what is wrong with it */
  async read(line: Buffer): Promise<{ elements: JsonElement[]; isWhole: boolean; defect?: UnreadableFile }> {
    const document = (this.document ??= new JsonDocument(this.isList, MAX_LENGTH));
    const elements: JsonElement[] = [];
    let defect: UnreadableFile | undefined;
    for (let start = 0; start < line.length && !defect; start += SLICE_BYTES) {
      defect = document.write(line.subarray(start, start + SLICE_BYTES));
      elements.push(...document.take());
      if (this.turns.isOver) await this.turns.next();
    }
    const isWhole = !defect && document.isWhole;
    // The next line is not a part of this one.
    if (!isWhole) this.document = undefined;
    return { elements, isWhole, ...(defect ? { defect } : {}) };
  }
}

/** A line that is wrong spoils no other one, unless it is nested so deeply that the whole file is refused, as a document is. */
async function* lineElements(
  read: Buffer,
  parts: AsyncIterator<Buffer>,
  isList: IsList,
): AsyncGenerator<JsonElement> {
  const reader = new Line(isList);
  let line = 0;
  for await (const bytes of lines(read, parts)) {
    line += 1;
    const first = bytes?.find((byte) => !BLANKS.has(byte));
    if (bytes && first === undefined) continue;
    const found = bytes && first === BRACE ? await reader.read(bytes) : undefined;
    if (found?.defect?.code === 'json-too-deep') throw found.defect;
    if (!found?.isWhole) yield { line, value: undefined, list: undefined };
    else for (const element of found.elements) yield { ...element, line };
  }
}

/** Undefined for a line that is too long, or is not in UTF-8. */
async function* lines(read: Buffer, parts: AsyncIterator<Buffer>): AsyncGenerator<Buffer | undefined> {
  let rest: Buffer[] = [];
  let length = 0;
  for (let part: Buffer | undefined = read; part; part = await nextOf(parts)) {
    let start = 0;
    for (let end = part.indexOf(LINE_FEED); end >= 0; end = part.indexOf(LINE_FEED, start)) {
      yield length + end - start > MAX_LENGTH ? undefined : textOf([...rest, part.subarray(start, end)]);
      [rest, length, start] = [[], 0, end + 1];
    }
    length += part.length - start;
    // Of a line that is too long only its length is known.
    if (length > MAX_LENGTH) rest = [];
    else rest.push(part.subarray(start));
  }
  if (length > 0) yield length > MAX_LENGTH ? undefined : textOf(rest);
}

/** Undefined for bytes that are not text in UTF-8. */
function textOf(parts: readonly Buffer[]): Buffer | undefined {
  const bytes = Buffer.concat(parts);
  return isUtf8(bytes) ? bytes : undefined;
}

async function* documentElements(
  read: Buffer,
  parts: AsyncIterator<Buffer>,
  isList: IsList,
): AsyncGenerator<JsonElement> {
  const document = new JsonDocument(isList, MAX_LENGTH);
  const turns = new TimeSlice();
  for (let part: Buffer | undefined = read; part; part = await nextOf(parts))
    for (let start = 0; start < part.length; start += SLICE_BYTES) {
      // What was read before the defect is stored.
      const defect = document.write(part.subarray(start, start + SLICE_BYTES));
      yield* document.take();
      if (defect) throw defect;
      if (turns.isOver) await turns.next();
    }
  document.end();
}

async function nextOf(parts: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
  const next = await parts.next();
  return next.done === true ? undefined : next.value;
}
