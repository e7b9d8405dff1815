import type { Counts } from './cycle.js';
import type { Phase } from './state.js';

/** One run of sync: times, numbers and result, without values. */
export interface CycleReport extends Readonly<Counts> {
  readonly at: string;
  readonly milliseconds: number;
  readonly ended: Phase;
  readonly code?: string;
}

const KEPT = 200;

/** The last runs, for a report. */
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
