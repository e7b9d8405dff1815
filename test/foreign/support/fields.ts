import type { Wire } from '../../support/sync.js';

export const KINDS = ['weight', 'meal'] as const;
export type Kind = (typeof KINDS)[number];

/** The fields that a person enters, in the groups that are sent together. */
const GROUPS: Readonly<Record<Kind, readonly (readonly string[])[]>> = {
  weight: [['weight_value', 'unit', 'timestamp']],
  meal: [['eaten_at', 'time_zone'], ['meal_type'], ['title'], ['note'], ['items']],
};

export const fieldsOf = (kind: Kind, row: Wire): Wire =>
  Object.fromEntries(GROUPS[kind].flat().map((name) => [name, row[name] ?? null]));

/** All fields of the groups in which two rows differ. */
export function difference(kind: Kind, now: Wire, before: Wire): Wire {
  const same = (name: string): boolean =>
    JSON.stringify(now[name] ?? null) === JSON.stringify(before[name] ?? null);
  return pick(
    now,
    GROUPS[kind].filter((group) => !group.every(same)),
  );
}

/** All fields of the groups that contain one of the names. */
export const groupsWith = (kind: Kind, row: Wire, names: readonly string[]): Wire =>
  pick(
    row,
    GROUPS[kind].filter((group) => group.some((name) => names.includes(name))),
  );

const pick = (row: Wire, groups: readonly (readonly string[])[]): Wire =>
  Object.fromEntries(groups.flat().map((name) => [name, row[name] ?? null]));
