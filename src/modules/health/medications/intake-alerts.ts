import { instantText, placeholders, readInstant } from '../../../platform/database/database.js';
import type { Database } from '../../../platform/database/database.js';
import { batchesOf, slicesOf } from '../../../platform/database/batches.js';
import type { SqlRow } from '../../../platform/database/statements.js';
import type { OtherRecords } from '../../../records/define/define-record.js';
import { alertsOf, type DoseLimits, hasLimits, reachOf, type TakenDose } from './dose-limits.js';
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
/** Far more than anybody takes in the time that limits look at. */
const MOST_DOSES = 20_000;

/**
 * Copies the name of the medication into new intakes, and marks those that break a limit of it, beside what is stored and beside each
 * other. Nothing is refused here: what was taken was taken.
 */
export async function markIntakes(
  intakes: readonly MedicationIntake[],
  { database, ownerId }: OtherRecords,
): Promise<void> {
  const live = intakes.filter(({ deletedAt }) => deletedAt === null);
  const medications = await medicationsOf(database, ownerId, live);
  const doses = live.flatMap(doseOf);
  for (const intake of live) copyName(intake, medications.get(intake.medicationId));
  const limited = doses.filter(({ medicationId }) => {
    const limits = medications.get(medicationId);
    return limits !== undefined && hasLimits(limits);
  });
  const ids = new Set(intakes.map(({ id }) => id));
  const stored = await storedDoses(
    database,
    ownerId,
    limited.map((dose) => around(dose, medications)),
  );
  const others = [...doses, ...stored.filter(({ id }) => !ids.has(id))];
  const alerts = new Map(limited.map((dose) => [dose.id, alertsAmong(dose, others, medications)]));
  for (const intake of intakes) intake.alerts = alerts.get(intake.id) ?? [];
}

function copyName(intake: MedicationIntake, medication: Source | undefined): void {
  intake.medicationName ??= medication?.name ?? null;
  intake.strength ??= medication?.strength ?? null;
  intake.doseUnit ??= medication?.doseUnit ?? null;
}

const around = ({ medicationId, at }: StoredDose, medications: ReadonlyMap<string, Source>): Range => {
  const reach = reachOf(medications.get(medicationId) ?? NO_LIMITS);
  return { medicationId, from: at - reach, to: at + reach };
};

const NO_LIMITS: DoseLimits = { maxDailyAmount: null, minIntervalMin: null };

const alertsAmong = (
  dose: StoredDose,
  doses: readonly StoredDose[],
  medications: ReadonlyMap<string, Source>,
) =>
  alertsOf(
    dose,
    doses.filter(({ id, medicationId }) => id !== dose.id && medicationId === dose.medicationId),
    medications.get(dose.medicationId) ?? NO_LIMITS,
  );

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

/** The doses that were taken in some ranges, by one statement for each hundred of them. */
export async function storedDoses(
  database: Database,
  ownerId: string,
  ranges: readonly Range[],
): Promise<StoredDose[]> {
  const found: SqlRow[] = [];
  for (const some of slicesOf(ranges, RANGES_AT_ONCE))
    found.push(
      ...(await database.rows(
        `SELECT id, medication_id, taken_at, amount FROM medication_intakes
         WHERE user_id = ? AND deleted_at IS NULL AND status = 'taken'
         AND (${some.map(() => '(medication_id = ? AND sorted_at > ? AND sorted_at < ?)').join(' OR ')})
         LIMIT ?`,
        [
          ownerId,
          ...some.flatMap(({ medicationId, from, to }) => [medicationId, textOf(from), textOf(to)]),
          MOST_DOSES,
        ],
      )),
    );
  const doses = found.map((row) => ({
    id: String(row['id']),
    medicationId: String(row['medication_id']),
    at: readInstant(row['taken_at']).getTime(),
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
