/** How many recipes may be inside each other, the outermost and the innermost included. */
export const MOST_LEVELS = 8;
/** Different recipes among the items of one. A recipe is compared with all others, so what they contain is bounded. */
export const MOST_PARTS = 20;

const NONE: readonly string[] = [];

/** Which recipes contain which others. None contains itself, and each way is at most {@link MOST_LEVELS} long. */
export class PartGraph {
  private readonly parts = new Map<string, readonly string[]>();
  /** By recipe, those that it is a part of. */
  private readonly wholes = new Map<string, Set<string>>();

  /** Says what a recipe is made of now. @param parts each once */
  set(id: string, parts: readonly string[] = NONE): void {
    const before = this.partsOf(id);
    if (before === parts) return;
    for (const part of before) this.wholes.get(part)?.delete(id);
    for (const part of parts) {
      const wholes = this.wholes.get(part);
      if (wholes) wholes.add(id);
      else this.wholes.set(part, new Set([id]));
    }
    this.parts.set(id, parts);
  }

  /** The shortest way from a recipe with these parts back to itself, both ends included. Undefined if there is none. */
  cycleBy(id: string, parts: readonly string[]): string[] | undefined {
    const next = new Map([[id, id]]);
    // A map is walked in the order of its entries, also of those that are added meanwhile.
    for (const one of next.keys())
      for (const whole of this.wholesOf(one)) if (!next.has(whole)) next.set(whole, one);
    const first = parts.find((part) => next.has(part));
    if (first === undefined) return undefined;
    const way = [id];
    for (let at = first; at !== id; at = next.get(at) ?? id) way.push(at);
    return [...way, id];
  }

  /** The first of these parts by which a recipe would be on too many levels. Only for parts without a cycle. */
  tooDeepOf(id: string, parts: readonly string[]): string | undefined {
    const above = levels((one) => this.wholesOf(one))(id);
    const below = levels((one) => this.partsOf(one));
    return parts.find((part) => above + below(part) > MOST_LEVELS);
  }

  private partsOf(id: string): readonly string[] {
    return this.parts.get(id) ?? NONE;
  }

  private wholesOf(id: string): Iterable<string> {
    return this.wholes.get(id) ?? NONE;
  }
}

/** How many recipes the longest way has that begins with one. */
function levels(nextOf: (id: string) => Iterable<string>): (id: string) => number {
  const known = new Map<string, number>();
  const of = (id: string): number => {
    let found = known.get(id);
    if (found === undefined) {
      found = 1;
      for (const next of nextOf(id)) found = Math.max(found, 1 + of(next));
      known.set(id, found);
    }
    return found;
  };
  return of;
}
