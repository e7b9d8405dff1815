import { DAY_MS } from '../quantities/local-time.js';
import { invalidField } from './problem.js';

/** Two local days, both inclusive. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** @throws Problem `validation` if the days are in the wrong order, or more than `most` */
export function checkDayRange({ from, to }: DayRange, most: number): void {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days < 1 || days > most)
    throw invalidField('to', 'out-of-range', `to must be 0 to ${most - 1} days after from`);
}
