export const units = ['kg', 'lb', 'st'] as const;
export type Unit = (typeof units)[number];

/** One weighing, as the person entered it. The names are the ones the service uses. */
export interface Measurement {
  readonly timestamp: string;
  readonly weight_value: number;
  readonly unit: Unit;
}

/** A person's weighings, before any phone or account exists. */
export interface Person {
  readonly name: string;
  readonly measurements: readonly Measurement[];
}

/** What the demo works on, and what is to be said about it. */
export interface Input {
  readonly people: readonly Person[];
  readonly about: readonly string[];
}

/** The file or the command line cannot be used; the message says why in one line. */
export class InputError extends Error {}

export const kilograms: Readonly<Record<Unit, number>> = { kg: 1, lb: 0.45359237, st: 6.35029318 };

/** For showing only: what is kept and sent is always the value and unit as entered. */
export const inKilograms = ({ weight_value, unit }: Measurement): number => weight_value * kilograms[unit];

export const shown = ({ weight_value, unit }: Measurement): string =>
  `${Number(weight_value.toFixed(2))} ${unit}`;
