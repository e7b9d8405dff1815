import { instantText, placeholders, readInstant } from '../../../platform/database/database.js';
import type { Database } from '../../../platform/database/database.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import { batchesOf, slicesOf } from '../../../platform/database/batches.js';
import type { SqlRow } from '../../../platform/database/statements.js';
import type { OtherRecords } from '../../../records/define/define-record.js';
import {
  alertsOf,
  allAlerts,
  type DoseAlert,
  type DoseLimits,
  hasLimits,
  reachOf,
  type TakenDose,
} from './dose-limits.js';
import type { MedicationIntake } from './medication-intake.entity.js';

/** A dose of a medication that was taken, and the id of its intake. */
export interface StoredDose extends TakenDose {
  readonly id: string;
  readonly medicationId: string;
}

/** Doses of a medication around an instant. */
interface Range {
  readonly medicationId: string;
  readonly from: number;
  readonly to: number;
}

interface Source extends DoseLimits {
  readonly name: string;
  readonly strength: string | null;
  readonly doseUnit: string;
}

const RANGES_AT_ONCE = 100;
/** Doses around those of one push. A person who takes twenty a day has as many in three months. */
const MOST_AROUND = 2_000;
/** What of an intake decides whether it breaks a limit. */
const OF_DOSE = ['medicationId', 'status', 'takenAt', 'amount'] as const;

/**
 * Copies the name of the medication into new intakes, and marks those that break a limit of it, beside what is stored and beside each
 * other. Nothing is refused here: what was taken was taken. An intake whose dose stays as it is keeps its alerts, because a person
 * may have decided about them. One that came before its medication is marked when the medication comes.
 * @param before the live intakes that they replace, by id
 */
export async function markIntakes(
  intakes: readonly MedicationIntake[],
  { database, ownerId }: OtherRecords,
  before: ReadonlyMap<string, MedicationIntake>,
): Promise<void> {
  const live = intakes.filter(({ deletedAt }) => deletedAt === null);
  const medications = await medicationsOf(database, ownerId, live);
  const named = new Set(live.filter((intake) => copyName(intake, medications.get(intake.medicationId))));
  const changed = intakes.filter((intake) => named.has(intake) || !keepsDose(intake, before.get(intake.id)));
  const limited = changed.flatMap(doseOf).filter(({ medicationId }) => {
    const limits = medications.get(medicationId);
    return limits !== undefined && hasLimits(limits);
  });
  const ranges = limited.map((dose) => around(dose, medications));
  const stored = await storedDoses(database, ownerId, ranges, MOST_AROUND);
  const ids = new Set(intakes.map(({ id }) => id));
  const others = byMedication([...live.flatMap(doseOf), ...stored.filter(({ id }) => !ids.has(id))]);
  const isTooMuch = stored.length > MOST_AROUND;
  const alertsFor = (dose: StoredDose): DoseAlert[] => {
    const limits = medications.get(dose.medicationId) ?? NO_LIMITS;
    return isTooMuch
      ? allAlerts(limits)
      : alertsOf(dose, near(dose, others.get(dose.medicationId) ?? [], limits), limits);
  };
  const alerts = new Map<string, DoseAlert[]>();
  const slice = new TimeSlice();
  for (const dose of limited) {
    alerts.set(dose.id, alertsFor(dose));
    if (slice.isOver) await slice.next();
  }
  for (const intake of changed) intake.alerts = alerts.get(intake.id) ?? [];
  for (const intake of intakes)
    intake.isOpen = intake.alerts.length > 0 && intake.confirmed !== true ? true : null;
}

/** Whether a live intake replaces one with the same dose. */
const keepsDose = (intake: MedicationIntake, before: MedicationIntake | undefined): boolean =>
  before !== undefined && intake.deletedAt === null && isSameDose(intake, before);

export const isSameDose = (a: MedicationIntake, b: MedicationIntake): boolean =>
  OF_DOSE.every((field) => a[field]?.valueOf() === b[field]?.valueOf());

function byMedication(doses: readonly StoredDose[]): ReadonlyMap<string, readonly StoredDose[]> {
  const found = new Map<string, StoredDose[]>();
  for (const dose of doses) {
    const own = found.get(dose.medicationId);
    if (own) own.push(dose);
    else found.set(dose.medicationId, [dose]);
  }
  return found;
}

/** The other doses of a medication that matter for a dose. */
function near(dose: StoredDose, doses: readonly StoredDose[], limits: DoseLimits): StoredDose[] {
  const reach = reachOf(limits);
  return doses.filter(({ id, at }) => id !== dose.id && Math.abs(at - dose.at) < reach);
}

/** Only once: an edit does not change what was taken. @returns whether the intake knows its medication from now on */
function copyName(intake: MedicationIntake, medication: Source | undefined): boolean {
  if (!medication || intake.medicationName != null) return false;
  intake.medicationName = medication.name;
  intake.strength = medication.strength;
  intake.doseUnit = medication.doseUnit;
  return true;
}

const around = ({ medicationId, at }: StoredDose, medications: ReadonlyMap<string, Source>): Range => {
  const reach = reachOf(medications.get(medicationId) ?? NO_LIMITS);
  return { medicationId, from: at - reach, to: at + reach };
};

const NO_LIMITS: DoseLimits = { maxDailyAmount: null, minIntervalMin: null };

/** The dose of an intake; none if it was not taken. */
export const doseOf = ({
  id,
  medicationId,
  status,
  takenAt,
  amount,
}: Pick<MedicationIntake, 'id' | 'medicationId' | 'status' | 'takenAt' | 'amount'>): StoredDose[] =>
  status === 'taken' && takenAt !== null && amount !== null
    ? [{ id, medicationId, at: takenAt.getTime(), amount }]
    : [];

/**
 * The doses that were taken in some ranges, by one statement for each hundred of them.
 * @param most reads more than so many, but not all of them, if there are more
 */
export async function storedDoses(
  database: Database,
  ownerId: string,
  ranges: readonly Range[],
  most: number,
): Promise<StoredDose[]> {
  const found: SqlRow[] = [];
  for (const some of slicesOf(ranges, RANGES_AT_ONCE))
    found.push(
      ...(await database.rows(
        `SELECT id, medication_id, sorted_at, amount FROM medication_intakes
         WHERE user_id = ? AND deleted_at IS NULL AND status = 'taken'
         AND (${some.map(() => '(medication_id = ? AND sorted_at > ? AND sorted_at < ?)').join(' OR ')})
         LIMIT ?`,
        [
          ownerId,
          ...some.flatMap(({ medicationId, from, to }) => [medicationId, textOf(from), textOf(to)]),
          most + 1,
        ],
      )),
    );
  const doses = found.map((row) => ({
    id: String(row['id']),
    medicationId: String(row['medication_id']),
    at: readInstant(row['sorted_at']).getTime(),
    amount: Number(row['amount']),
  }));
  return [...new Map(doses.map((dose) => [dose.id, dose])).values()];
}

const textOf = (time: number): string => instantText(new Date(time));

/** The medications of intakes, deleted ones among them: a dose of one counts as well. */
async function medicationsOf(
  database: Database,
  ownerId: string,
  intakes: readonly MedicationIntake[],
): Promise<ReadonlyMap<string, Source>> {
  const found = new Map<string, Source>();
  for (const ids of batchesOf([...new Set(intakes.map(({ medicationId }) => medicationId))])) {
    const rows = await database.rows(
      `SELECT id, name, strength, dose_unit, max_daily_amount, min_interval_min FROM medications
       WHERE user_id = ? AND id IN (${placeholders(ids.length)})`,
      [ownerId, ...ids],
    );
    for (const row of rows) found.set(String(row['id']), sourceOf(row));
  }
  return found;
}

const sourceOf = (row: SqlRow): Source => ({
  name: String(row['name']),
  strength: row['strength'] === null ? null : String(row['strength']),
  doseUnit: String(row['dose_unit']),
  maxDailyAmount: numberOf(row['max_daily_amount']),
  minIntervalMin: numberOf(row['min_interval_min']),
});

const numberOf = (value: unknown): number | null => (value === null ? null : Number(value));
