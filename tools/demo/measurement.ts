export const units = ['kg', 'lb', 'st'] as const;
export type Unit = (typeof units)[number];

/** One weighing as the person entered it, with the field names of the service. */
export interface Measurement {
  readonly timestamp: string;
  readonly weight_value: number;
  readonly unit: Unit;
}

/** A person's weighings, before a phone or an account exists. */
export interface Person {
  readonly name: string;
  readonly measurements: readonly Measurement[];
}

/** The input of the demo, with remarks about it. */
export interface Input {
  readonly people: readonly Person[];
  readonly about: readonly string[];
}

/** The file or the command line is invalid; the message says why in one line. */
export class InputError extends Error {}

export const kilograms: Readonly<Record<Unit, number>> = { kg: 1, lb: 0.45359237, st: 6.35029318 };

/** For display only: value and unit are always stored and sent as entered. */
export const inKilograms = ({ weight_value, unit }: Measurement): number => weight_value * kilograms[unit];

export const shown = ({ weight_value, unit }: Measurement): string =>
  `${Number(weight_value.toFixed(2))} ${unit}`;
