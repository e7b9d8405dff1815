import type { Counts } from './cycle.js';
import type { Phase } from './state.js';

/** One run of sync: when, how much, how it ended. Never what. */
export interface CycleReport extends Readonly<Counts> {
  readonly at: string;
  readonly milliseconds: number;
  readonly ended: Phase;
  readonly code?: string;
}

const KEPT = 200;

/** The last runs, to copy into a report. */
export class Reports {
  private readonly cycles: CycleReport[] = [];

  add(cycle: CycleReport): void {
    this.cycles.push(cycle);
    if (this.cycles.length > KEPT) this.cycles.shift();
  }

  get all(): readonly CycleReport[] {
    return [...this.cycles];
  }
}
