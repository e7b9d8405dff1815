import type { Readable } from 'node:stream';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { UnreadableFile } from './import-format.js';

/** An element below the root, with the elements in it. */
export interface XmlElement {
  readonly line: number;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Omit<XmlElement, 'children' | 'line'>[];
}

const MAX_DEPTH = 32;
const MAX_CHILDREN = 1_000;
/** The parser keeps a text, a tag or a document type until it is complete. */
const MAX_PENDING = 1_048_576;

/**
 * The elements with these names directly below the root, one after the other. Memory does not grow with the document. Entities
 * beyond the five of XML are refused, so nothing can be expanded.
 * @throws UnreadableFile
 */
export async function* xmlElements(
  source: Readable,
  root: string,
  names: readonly string[],
): AsyncGenerator<XmlElement> {
  const reader = new ElementReader(root, new Set(names));
  const decoder = new TextDecoder();
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      // What was read before a defect is whole.
      const defect = defectOf(() => reader.write(decoder.decode(chunk, { stream: true })));
      yield* reader.take();
      if (defect) throw defect;
    }
    const defect = defectOf(() => reader.close());
    yield* reader.take();
    if (defect) throw defect;
  } finally {
    source.destroy();
  }
}

function defectOf(work: () => void): UnreadableFile | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableFile) return error;
    throw error;
  }
}

class ElementReader {
  private readonly parser = new SaxesParser<{ xmlns: false }>({ xmlns: false });
  private found: XmlElement[] = [];
  private depth = 0;
  private current: { -readonly [Key in keyof XmlElement]: XmlElement[Key] } | undefined;
  private children: Omit<XmlElement, 'children' | 'line'>[] = [];
  /** Characters since nothing was kept. An element is kept with everything in it. */
  private pending = 0;

  constructor(
    private readonly root: string,
    private readonly names: ReadonlySet<string>,
  ) {
    this.parser.on('error', () => {
      throw new UnreadableFile('xml-invalid', 'The file is not valid XML, or has an unknown entity.');
    });
    this.parser.on('doctype', (text) => {
      this.pending = 0;
      if (/<!ENTITY/i.test(text))
        throw new UnreadableFile('xml-entity', 'The file declares entities, which are not read.');
    });
    this.parser.on('opentag', (tag) => this.enter(tag));
    this.parser.on('closetag', () => this.leave());
  }

  write(text: string): void {
    this.pending += text.length;
    this.parser.write(text);
    if (this.pending > MAX_PENDING)
      throw new UnreadableFile('xml-too-long', 'An element of the file is longer than 1 MiB.');
  }

  close(): void {
    this.parser.close();
  }

  take(): XmlElement[] {
    const { found } = this;
    this.found = [];
    return found;
  }

  private enter({ name, attributes }: SaxesTagPlain): void {
    if (!this.current) this.pending = 0;
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new UnreadableFile('xml-too-deep', 'The file is nested too deeply.');
    if (this.depth === 1 && name !== this.root)
      throw new UnreadableFile('xml-root', `The file must begin with ${this.root}.`);
    if (this.depth === 2 && this.names.has(name)) {
      this.children = [];
      this.current = { line: this.parser.line, name, attributes, children: this.children };
    } else if (this.current && this.children.length < MAX_CHILDREN) this.children.push({ name, attributes });
  }

  private leave(): void {
    if (this.depth === 2 && this.current) {
      this.found.push(this.current);
      this.current = undefined;
    }
    if (!this.current) this.pending = 0;
    this.depth -= 1;
  }
}
