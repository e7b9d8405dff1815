// Copied by `npm run generate` from src/modules/health/medications/schedule-versions.ts: change it there.
/* The versions of schedules, and in which order they count. Nothing is imported. */

interface Version {
  readonly id: string;
  readonly medicationId: string;
  /** The id of the first version; null for the first version itself. */
  readonly versionOf?: string | null | undefined;
  readonly startsOn: string;
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const scheduleIdOf = ({ id, versionOf }: Pick<Version, 'id' | 'versionOf'>): string => versionOf ?? id;

/**
 * The versions that count. By sync a change may arrive before the first version that it names. Whatever comes first, a change of another
 * medication, or of a schedule that is itself a change, expects nothing: the doses of one schedule would be those of two.
 */
export function fittingPlans<Plan extends Omit<Version, 'startsOn'>>(plans: readonly Plan[]): Plan[] {
  const byId = new Map(plans.map((plan) => [plan.id, plan]));
  return plans.filter(({ versionOf, medicationId }) => {
    const first = versionOf == null ? undefined : byId.get(versionOf);
    return !first || (first.versionOf == null && first.medicationId === medicationId);
  });
}

/** The versions of each schedule. The changes come after the first version, also those that begin before it, the earliest first. */
export function versionsOf<Plan extends Version>(plans: readonly Plan[]): Plan[][] {
  const bySchedule = new Map<string, Plan[]>();
  for (const plan of fittingPlans(plans)) {
    const id = scheduleIdOf(plan);
    const own = bySchedule.get(id);
    if (own) own.push(plan);
    else bySchedule.set(id, [plan]);
  }
  const rank = ({ versionOf }: Version): number => (versionOf == null ? 0 : 1);
  return [...bySchedule.values()].map((versions) =>
    versions.toSorted(
      (a, b) => rank(a) - rank(b) || compareText(a.startsOn, b.startsOn) || compareText(a.id, b.id),
    ),
  );
}
