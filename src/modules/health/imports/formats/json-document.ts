import { Tokenizer, TokenType } from '@streamparser/json';
import { UnreadableFile } from './import-format.js';

/** A value that stands where a record is expected. Undefined for one that is too long. */
export interface JsonElement {
  readonly line: number;
  readonly value: unknown;
  readonly list: string | undefined;
}

const MAX_DEPTH = 32;
/** What an empty object or list takes in memory, at least. */
const EMPTY_LENGTH = 14;
const LINE_FEED = 10;

type Expected = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'comma';

/** An object or a list that is not closed yet. */
interface Frame {
  readonly isArray: boolean;
  /** The elements of this list are records, and are not kept in it. */
  readonly isList: boolean;
  /** The name of the list. */
  readonly list: string | undefined;
  /** Null when nothing is kept, because the list is one of records or the record is too long. */
  kept: unknown[] | Record<string, unknown> | null;
  expected: Expected;
  key: string;
}

/**
 * Finds the records of one JSON document, in whatever parts it comes. The tokenizer knows what a token is; this class knows in
 * which order they come, and keeps only the record that is not complete yet.
 */
export class JsonDocument {
  private readonly tokenizer = new Tokenizer();
  private readonly frames: Frame[] = [];
  private found: JsonElement[] = [];
  /** What is kept of the current record, about as long as its text. */
  private size = 0;
  private isTooLong = false;
  private hasLists = false;
  private line = 1;
  private recordLine = 1;
  private part: Buffer = Buffer.alloc(0);
  private partStart = 0;
  /** Bytes of the file in which lines were counted. */
  private counted = 0;
  private lastToken = 0;
  private defect: UnreadableFile | undefined;

  constructor(
    private readonly isList: (name: string) => boolean,
    private readonly maxLength: number,
  ) {
    this.tokenizer.onToken = ({ token, value, offset }) => this.accept(token, value, offset);
    this.tokenizer.onError = () => {
      this.defect ??= invalid();
    };
  }

  /** @returns what is wrong, if anything; what was found before remains */
  write(part: Buffer): UnreadableFile | undefined {
    this.part = part;
    this.tokenizer.write(part);
    this.countLines(this.partStart + part.length);
    this.partStart += part.length;
    // The tokenizer keeps a text until it is complete.
    if (this.partStart - this.lastToken > this.maxLength + part.length) this.defect ??= tooLong();
    return this.defect;
  }

  /** Whether all that was begun is complete. */
  get isWhole(): boolean {
    return this.frames.length === 0;
  }

  /** @throws UnreadableFile when the document is not complete */
  end(): void {
    if (!this.tokenizer.isEnded) this.tokenizer.end();
    if (this.defect) throw this.defect;
    if (!this.isWhole) throw invalid();
  }

  take(): JsonElement[] {
    const { found } = this;
    this.found = [];
    return found;
  }

  private accept(token: TokenType, value: unknown, offset: number): void {
    if (this.defect) return;
    this.lastToken = offset;
    const frame = this.frames.at(-1);
    if (!frame) this.begin(token, offset);
    else if (!this.continue(frame, token, value, offset)) this.defect = invalid();
  }

  private begin(token: TokenType, offset: number): void {
    const isArray = token === TokenType.LEFT_BRACKET;
    if (!isArray && token !== TokenType.LEFT_BRACE)
      this.defect = new UnreadableFile('json-root', 'The file must be a JSON object or a list of them.');
    else this.open(isArray, isArray, undefined, offset);
  }

  /** @returns whether the token may stand here */
  private continue(frame: Frame, token: TokenType, value: unknown, offset: number): boolean {
    const { expected } = frame;
    if (token === TokenType.RIGHT_BRACKET || token === TokenType.RIGHT_BRACE) return this.close(frame, token);
    if (expected === 'comma') {
      frame.expected = frame.isArray ? 'value' : 'key';
      return token === TokenType.COMMA;
    }
    if (expected === 'colon') {
      frame.expected = 'value';
      return token === TokenType.COLON;
    }
    if (expected === 'key' || expected === 'first-key') {
      [frame.key, frame.expected] = [String(value), 'colon'];
      this.grow(frame.key.length);
      return token === TokenType.STRING;
    }
    return this.value(frame, token, value, offset);
  }

  private value(frame: Frame, token: TokenType, value: unknown, offset: number): boolean {
    if (token === TokenType.COMMA || token === TokenType.COLON) return false;
    frame.expected = 'comma';
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) {
      const isArray = token === TokenType.LEFT_BRACKET;
      const isNamed = isArray && this.frames.length === 1 && !frame.isArray && this.isList(frame.key);
      this.open(isArray, isNamed, isNamed ? frame.key : undefined, offset);
    } else {
      if (frame.isList) this.startRecord(offset);
      this.grow(typeof value === 'string' ? value.length : 4);
      this.put(frame, value);
    }
    return true;
  }

  private open(isArray: boolean, isList: boolean, list: string | undefined, offset: number): void {
    const parent = this.frames.at(-1);
    if (this.frames.length >= MAX_DEPTH)
      this.defect = new UnreadableFile('json-too-deep', 'The file is nested too deeply.');
    if (!parent || parent.isList) this.startRecord(offset);
    // What lists of records are in is no record. Nothing of it is kept: their elements do not count towards its length.
    if (isList && parent) {
      this.hasLists = true;
      parent.kept = null;
    }
    const kept =
      isList || (parent && !parent.isList && parent.kept === null) ? null : isArray ? [] : emptyObject();
    const expected = isArray ? 'first-value' : 'first-key';
    this.frames.push({ isArray, isList, list, kept, expected, key: '' });
    this.grow(EMPTY_LENGTH);
  }

  private close(frame: Frame, token: TokenType): boolean {
    const { isArray, isList, expected, kept } = frame;
    const isEnd = expected === 'comma' || expected === 'first-value' || expected === 'first-key';
    if (!isEnd || isArray !== (token === TokenType.RIGHT_BRACKET)) return false;
    this.frames.pop();
    const parent = this.frames.at(-1);
    if (!parent) this.closeRoot(isArray, kept);
    else if (!isList) this.put(parent, this.isTooLong ? undefined : kept);
    return true;
  }

  /** An object is a record itself, unless it is what lists of records are in. */
  private closeRoot(isArray: boolean, kept: Frame['kept']): void {
    if (!isArray && !this.hasLists)
      this.found.push({ line: this.recordLine, value: this.isTooLong ? undefined : kept, list: undefined });
    this.hasLists = false;
  }

  private put(frame: Frame, value: unknown): void {
    if (frame.isList) {
      this.found.push({ line: this.recordLine, value: this.isTooLong ? undefined : value, list: frame.list });
      return;
    }
    if (Array.isArray(frame.kept)) frame.kept.push(value);
    else if (frame.kept) frame.kept[frame.key] = value;
  }

  private startRecord(offset: number): void {
    this.countLines(offset);
    [this.recordLine, this.size, this.isTooLong] = [this.line, 0, false];
  }

  /** Of a record that is too long nothing is kept; the next ones are read. */
  private grow(length: number): void {
    this.size += length + 2;
    if (this.size <= this.maxLength || this.isTooLong) return;
    this.isTooLong = true;
    for (const frame of this.frames) frame.kept = null;
  }

  private countLines(until: number): void {
    for (let place = Math.max(this.counted, this.partStart); ; place++) {
      const next = this.part.indexOf(LINE_FEED, place - this.partStart);
      if (next < 0 || next + this.partStart >= until) break;
      this.line += 1;
      place = next + this.partStart;
    }
    this.counted = Math.max(this.counted, until);
  }
}

/** Without a prototype a member can have any name. */
const emptyObject = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>;

const invalid = (): UnreadableFile =>
  new UnreadableFile('json-invalid', 'The file is not valid JSON from some place on, or breaks off.');

const tooLong = (): UnreadableFile =>
  new UnreadableFile('json-too-long', 'A value of the file is longer than 1 MiB.');
