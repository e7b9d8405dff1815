/** The numbers of events in a round. */
export class Counts {
  private readonly numbers = new Map<string, number>();

  add(what: string, by = 1): void {
    this.numbers.set(what, this.get(what) + by);
  }

  get(what: string): number {
    return this.numbers.get(what) ?? 0;
  }

  line(names: readonly string[]): string {
    return names.map((name) => `${this.get(name)} ${name}`).join(', ');
  }
}
