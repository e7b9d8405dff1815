import type { Readable } from 'node:stream';
import { TimeSlice } from '../../../../platform/time-slice.js';
import { fault, type RowFault, UnreadableFile } from './import-format.js';
import { type JsonElement, JsonDocument } from './json-document.js';
import { isObject, type JsonObject, memberOf } from './json-values.js';

/** An object of the file that is one of its records. */
export interface JsonRecord {
  readonly line: number;
  /** Its number in the file, from 1. All records of a file may be on one line. */
  readonly record: number;
  readonly value: JsonObject;
  /** The name of the list that it is in, where the file has lists with names. */
  readonly list: string | undefined;
}

/** A longer line, or a longer record, is not read. */
const MAX_LENGTH = 1_048_576;
/** The byte that ends a line. */
const LINE_FEED = 10;
/** So much is looked for tokens at once. */
const SLICE_BYTES = 32_768;
/** A file with so many records that are none is of another format. */
const MAX_FAULTS = 10_000;

/**
 * The records of a JSON file, one after the other: the objects of a list, a single object, those of the lists in an object
 * whose names `isList` accepts, or one object on each line. Memory does not grow with the file.
 * @throws UnreadableFile
 */
export async function* jsonRecords(
  source: Readable,
  isList: (name: string) => boolean,
): AsyncGenerator<JsonRecord | RowFault> {
  const parts = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let [record, faults] = [0, 0];
  try {
    const first = await firstLine(parts);
    const elements = isWhole(first.line)
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
const isWhole = (line: string): boolean =>
  line.startsWith('{') && line.length <= MAX_LENGTH && isObject(parsed(line));

/** Undefined for a text that is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A line that is wrong spoils no other one. */
async function* lineElements(
  read: Buffer,
  parts: AsyncIterator<Buffer>,
  isList: (name: string) => boolean,
): AsyncGenerator<JsonElement> {
  let line = 0;
  for await (const text of lines(read, parts)) {
    line += 1;
    if (text?.trim() === '') continue;
    const value = text === undefined ? undefined : parsed(text);
    const found = isObject(value)
      ? Object.keys(value).filter((name) => isList(name) && Array.isArray(value[name]))
      : [];
    if (found.length === 0) yield { line, value, list: undefined };
    else
      for (const list of found)
        for (const one of memberOf(value, list) as unknown[]) yield { line, value: one, list };
  }
}

/** Undefined for a line that is too long, or is not in UTF-8. */
async function* lines(read: Buffer, parts: AsyncIterator<Buffer>): AsyncGenerator<string | undefined> {
  let rest: Buffer[] = [];
  let length = 0;
  for (let part: Buffer | undefined = read; part; part = await nextOf(parts)) {
    let start = 0;
    for (let end = part.indexOf(LINE_FEED); end >= 0; end = part.indexOf(LINE_FEED, start)) {
      yield length + end - start > MAX_LENGTH ? undefined : decoded([...rest, part.subarray(start, end)]);
      [rest, length, start] = [[], 0, end + 1];
    }
    length += part.length - start;
    // Of a line that is too long only its length is known.
    if (length > MAX_LENGTH) rest = [];
    else rest.push(part.subarray(start));
  }
  if (length > 0) yield length > MAX_LENGTH ? undefined : decoded(rest);
}

/** Undefined for bytes that are not text in UTF-8. */
function decoded(parts: readonly Buffer[]): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    return undefined;
  }
}

async function* documentElements(
  read: Buffer,
  parts: AsyncIterator<Buffer>,
  isList: (name: string) => boolean,
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
