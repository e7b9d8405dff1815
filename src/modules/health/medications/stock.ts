/* What is left of a medication, by its lots, the doses that were taken and those that are expected. Nothing is imported. */

/** A package. */
export interface StockedLot {
  readonly units: number;
  readonly discarded: number | null;
  readonly expiresOn: string | null;
  readonly useBy: string | null;
}

/** A dose that is still to be taken. */
export interface ExpectedDose {
  readonly localDate: string;
  readonly amount: number;
}

/** Sums of decimal amounts are rounded, because three times 0.1 is more than 0.3. */
export const rounded = (amount: number): number => Math.round(amount * 1e6) / 1e6;

/** How much came into the house and was not thrown away. */
export const unitsIn = (lots: readonly StockedLot[]): number =>
  rounded(lots.reduce((sum, lot) => sum + left(lot), 0));

const left = ({ units, discarded }: StockedLot): number => units - (discarded ?? 0);

/** Takes doses from what is left. `runsOutOn` is the day of the first that is not covered; undefined if all of them are. */
export function afterDoses(
  unitsLeft: number,
  expected: readonly ExpectedDose[],
): { readonly unitsLeft: number; readonly runsOutOn: string | undefined } {
  let rest = unitsLeft;
  for (const { localDate, amount } of expected) {
    rest = rounded(rest - amount);
    if (rest < 0) return { unitsLeft: rest, runsOutOn: localDate };
  }
  return { unitsLeft: rest, runsOutOn: undefined };
}

/** The first day after which some of what is left may not be used, if lots are used up in the order of these days. */
export function expiresOn(lots: readonly StockedLot[], taken: number): string | undefined {
  let rest = taken;
  const sorted = lots.toSorted((a, b) => (lastDay(a) < lastDay(b) ? -1 : 1));
  for (const lot of sorted) {
    rest = rounded(rest - left(lot));
    if (rest < 0) return lastDay(lot) === NEVER ? undefined : lastDay(lot);
  }
  return undefined;
}

const NEVER = '9999-12-31';

function lastDay({ expiresOn: end, useBy }: StockedLot): string {
  const days = [end ?? NEVER, useBy ?? NEVER];
  return days.toSorted()[0] ?? NEVER;
}
