/* The messages in a guide, and how they compare with what the service answers. */

/** The blocks of a language in Markdown. */
export const blocksOf = (guide: string, language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text!);

/** Start line, headers and body of an HTTP message. */
export function readHttp(text: string): { start: string; headers: [string, string][]; body: string } {
  const [head = '', ...rest] = text.trim().split('\n\n');
  const [start = '', ...fields] = head.split('\n');
  const headers = fields.map((field) => field.split(': ') as [string, string]);
  return { start, headers, body: rest.join('\n\n') };
}

/** Placeholders in angle brackets: given at first, or taken from an answer; from then on always the same. */
export class Names {
  constructor(private readonly known: Map<string, string>) {}

  fill(text: string): string {
    return text.replaceAll(/<(\w+)>/g, (_, name: string) => {
      const value = this.known.get(name);
      if (value === undefined) throw new Error(`<${name}> is not known yet`);
      return value;
    });
  }

  /** Differences between the answer in the guide and the real one; objects may be shortened, texts end in "…". */
  differences(shown: unknown, came: unknown, path = ''): string[] {
    const says = `${path}: ${JSON.stringify(shown)} is ${JSON.stringify(came)}`;
    if (typeof shown === 'string') return this.isText(shown, came) ? [] : [says];
    if (typeof shown !== 'object' || shown === null) return shown === came ? [] : [says];
    if (typeof came !== 'object' || came === null || Array.isArray(shown) !== Array.isArray(came))
      return [says];
    const lengths = Array.isArray(shown) && shown.length !== (came as unknown[]).length ? [says] : [];
    const members = Object.entries(shown).flatMap(([key, value]) =>
      this.differences(value, (came as Record<string, unknown>)[key], `${path}/${key}`),
    );
    return [...lengths, ...members];
  }

  private isText(shown: string, came: unknown): boolean {
    if (typeof came !== 'string') return false;
    const [, name] = /^<(\w+)>$/.exec(shown) ?? [];
    if (name !== undefined && !this.known.has(name)) this.known.set(name, came);
    const text = this.fill(shown);
    return text.endsWith('…') ? came.startsWith(text.slice(0, -1)) : came === text;
  }
}
