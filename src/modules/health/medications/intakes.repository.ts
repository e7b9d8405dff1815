import { v7 as uuidv7 } from 'uuid';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { Problem } from '../../../kernel/http/problem.js';
import { instantText } from '../../../platform/database/database.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import type { Entered } from '../../../records/define/define-record.js';
import type { Owner } from '../../../records/define/owner.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import type { Listed } from '../../../records/define/synced-record.js';
import type { RecordChanges } from '../../../records/merge/record-changes.js';
import { type Condition, conditions } from '../../../records/read/conditions.js';
import {
  type Author,
  type Period,
  RecordRepository,
  stampNow,
} from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import { alertsOf, MOST_DOSES, nextSafeAt, reachOf } from './dose-limits.js';
import { doseOf, isSameDose, type StoredDose, storedDoses } from './intake-alerts.js';
import type { CreateIntakeDto } from './intakes.dto.js';
import { intakeRecord } from './intakes.record.js';
import type { MedicationIntake } from './medication-intake.entity.js';
import type { Medication } from './medication.entity.js';
import { MEDICATION } from './medications.record.js';
import { slotId } from './slot-id.js';
import { rounded } from './stock.js';

/** What to write of an intake. Undefined to leave it as it is. */
export type IntakeEdit = { readonly op: 'create' | 'update'; readonly entered: Entered } | undefined;

/** Decides, under the lock, what to write. `current` may be a tombstone. */
type Decide = (current: MedicationIntake | undefined, now: Date) => IntakeEdit | Promise<IntakeEdit>;

/** Takes some milliseconds. */
const READ_AT_ONCE = 500;
const AFTER = ' AND (local_date > ? OR id > ?)';
/** A dose that is older than this was entered later, and not before it is taken. */
const LATE_ENTRY_MS = 10 * 60_000;
const LAST_INSTANT = Date.parse('9999-12-31T00:00:00Z');

/** What one person took, skipped or put off. */
export class IntakesRepository extends RecordRepository<MedicationIntake> {
  private readonly ofIntakes: RecordKind;

  constructor(
    private readonly all: Records,
    owner: Owner,
  ) {
    super(all, intakeRecord, owner);
    this.ofIntakes = all.catalog.get(intakeRecord.kind);
  }

  /**
   * Creates an intake. The same again returns the stored one. A scheduled dose whose intake was deleted is stored anew.
   * @throws Problem `validation`, `id-taken`, `quota-exceeded`, `dose-limit` unless it is confirmed
   */
  add(author: Author, { id: given, ...input }: CreateIntakeDto): Promise<MedicationIntake> {
    const { scheduleId, slot } = input;
    const derived = scheduleId && slot ? slotId(scheduleId, slot) : undefined;
    const entered = this.ofIntakes.complete({ ...input });
    return this.write(author, given ?? derived ?? uuidv7(), (current) => {
      if (!current) return { op: 'create', entered };
      if (current.deletedAt !== null && derived !== undefined) return { op: 'update', entered };
      if (current.deletedAt !== null || !this.ofIntakes.contains(current, entered))
        throw new Problem('id-taken');
      return undefined;
    });
  }

  /** @throws Problem as the base class, and `dose-limit` when the changed dose breaks a limit and is not confirmed */
  override update(
    author: Author,
    id: string,
    entered: Entered,
    baseVersion: number | undefined,
  ): Promise<MedicationIntake> {
    return this.write(author, id, (current) => {
      if (!current || current.deletedAt !== null) throw new Problem('not-found');
      if (baseVersion !== undefined && baseVersion !== current.version) throw new Problem('version-conflict');
      return { op: 'update', entered };
    });
  }

  /**
   * Writes what `decide` wants under the person's lock, so that two requests that together break a limit see each other.
   * @returns the record after it
   */
  write(author: Author, id: string, decide: Decide): Promise<MedicationIntake> {
    const kind = this.ofIntakes;
    return this.all.change(this.owner, async (changes) => {
      await changes.load(kind, [id]);
      const current = changes.find(kind, id) as MedicationIntake | undefined;
      const edit = await decide(current, changes.order.stamp);
      if (!edit) {
        if (!current) throw new Problem('not-found');
        return current;
      }
      const live = current?.deletedAt === null ? current : undefined;
      const input = withOwnConfirmation(edit.entered, live);
      // Nothing of a deleted intake is taken over: a confirmation, a reason or a note was about that one.
      const whole = live ? { ...kind.entered(live), ...input } : kind.complete(input);
      kind.checked(whole, id);
      await changes.loadReferences([{ kind, entered: whole }]);
      await this.refuseBeyondLimits({ ...whole, id } as MedicationIntake, live, changes);
      const entered = live ? kind.withCurrent(live, input) : whole;
      const online = { stamp: stampNow(author, changes), baseVersion: current?.version, isOnline: true };
      return changes.apply({ kind, id, op: edit.op, entered, ...online }).record as MedicationIntake;
    });
  }

  /** One page, the newest first. */
  list(
    { medicationId, alerts, ...period }: Period & { medicationId?: string | undefined; alerts: boolean },
    place: Place,
  ): Promise<Listing<Listed<MedicationIntake>>> {
    const [during, instants] = this.during('sortedAt', period);
    const [own, values] = conditions(['medication_id = ?', medicationId]);
    const open = alerts ? ' AND is_open = 1' : '';
    return this.page([own + during + open, [...values, ...instants]], 'sortedAt', place);
  }

  /** The live ones of some local days, read some at a time. */
  async onDays(
    [from, to]: readonly [string, string],
    medicationId: string | undefined,
    most: number,
  ): Promise<MedicationIntake[]> {
    const found: MedicationIntake[] = [];
    const slice = new TimeSlice();
    for (let size = READ_AT_ONCE; size === READ_AT_ONCE && found.length < most;) {
      const last = found.at(-1);
      const [where, values]: Condition = conditions(
        ['local_date >= ?', last?.localDate ?? from],
        ['local_date <= ?', to],
        ['medication_id = ?', medicationId],
      );
      const [after, place] = last ? [AFTER, [last.localDate, last.id]] : ['', []];
      const order = `ORDER BY local_date, id LIMIT ${READ_AT_ONCE}`;
      const rows = await this.select(`deleted_at IS NULL${where}${after} ${order}`, [...values, ...place]);
      found.push(...rows);
      size = rows.length;
      if (slice.isOver) await slice.next();
    }
    return found;
  }

  /** How much of a medication was taken since an instant. */
  async takenSince(medicationId: string, since: Date): Promise<number> {
    const condition = conditions(
      ['medication_id = ?', medicationId],
      ['sorted_at >= ?', instantText(since)],
      ['status = ?', 'taken'],
    );
    const [row] = await this.compute('SUM(amount) AS taken', condition);
    return rounded(Number(row?.['taken'] ?? 0));
  }

  /** @throws Problem `dose-limit` */
  private async refuseBeyondLimits(
    intake: MedicationIntake,
    before: MedicationIntake | undefined,
    changes: RecordChanges,
  ): Promise<void> {
    const [dose] = doseOf(intake);
    if (!dose || intake.confirmed === true || (before && isSameDose(intake, before))) return;
    const kind = this.all.catalog.get(MEDICATION);
    const limits = changes.find(kind, intake.medicationId) as Medication | undefined;
    if (!limits) return;
    const reach = reachOf(limits);
    const near = await this.dosesIn(dose, dose.at - reach, dose.at + reach);
    const alerts = alertsOf(dose, near, limits);
    if (alerts.length === 0) return;
    const now = changes.order.stamp.getTime();
    const from = Math.max(dose.at, now);
    const others = await this.dosesIn(dose, from - reach, Infinity);
    // One that is entered later was taken: the next one has to wait for it, too.
    if (dose.at < now - LATE_ENTRY_MS && dose.at > from - reach) others.push(dose);
    const next = nextSafeAt({ at: from, amount: dose.amount }, others, limits);
    const members = { alerts, next_safe_at: next === undefined ? null : new Date(next).toISOString() };
    throw new Problem('dose-limit', { members });
  }

  /** The other stored doses of the medication between two instants: more than {@link MOST_DOSES}, but not all, if there are more. */
  private async dosesIn({ id, medicationId }: StoredDose, from: number, to: number): Promise<StoredDose[]> {
    const range = { medicationId, from, to: Math.min(to, LAST_INSTANT) };
    const stored = await storedDoses(this.database, this.owner.id, [range], MOST_DOSES + 1);
    return stored.filter((other) => other.id !== id);
  }
}

/** A confirmation is for one dose: with another time or amount, it has to be given again. */
function withOwnConfirmation(entered: Entered, before: MedicationIntake | undefined): Entered {
  const isOther = before && !isSameDose({ ...before, ...entered }, before);
  return isOther && entered['confirmed'] === undefined ? { ...entered, confirmed: null } : entered;
}
