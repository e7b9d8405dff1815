import { Injectable } from '@nestjs/common';
import { checkDayRange } from '../../../kernel/http/day-range.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { invalidField, Problem } from '../../../kernel/http/problem.js';
import { addDays } from '../../../kernel/quantities/local-time.js';
import { Clock } from '../../../platform/clock.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { UsersService } from '../../identity/public.js';
import { lastDayWithin, until } from './doses-page.js';
import { type DoseOutcome, outcomesBy } from './dose-results.js';
import { type DoseSlot, eachSlot, slotsOf } from './dose-slots.js';
import {
  type DosesDto,
  type DosesQuery,
  MAX_DAYS,
  MAX_DOSES_OF_PERIOD,
  type TickDoseDto,
} from './doses.dto.js';
import { MARGIN_DAYS } from './intake-rules.js';
import { type IntakeEdit, IntakesRepository } from './intakes.repository.js';
import type { MedicationIntake } from './medication-intake.entity.js';
import type { MedicationSchedule } from './medication-schedule.entity.js';
import type { Medication } from './medication.entity.js';
import { MedicationsRepository } from './medications.repository.js';
import { SchedulesRepository } from './schedules.repository.js';
import { inDueOrder, shownDose } from './shown-dose.js';
import { slotId } from './slot-id.js';
import { zoneClocks } from './zone-clocks.js';

/** Doses that are computed to find out how many days one answer holds. */
const MAX_COMPUTED = 20_000;
/** Intakes that are read for one answer. */
const MAX_INTAKES_READ = 2_000;

type Slot = DoseSlot<MedicationSchedule>;
type Outcome = DoseOutcome<MedicationSchedule, MedicationIntake>;

/** Which doses are computed. */
export interface DosesPeriod extends Pick<DosesQuery, 'from' | 'to' | 'timeZone' | 'medicationId'> {
  readonly mostDays: number;
  readonly most: number;
}

/** The doses that a person's schedules expect, and what became of them. */
@Injectable()
export class DosesService {
  constructor(
    private readonly records: Records,
    private readonly users: UsersService,
    private readonly clock: Clock,
  ) {}

  /**
   * As many whole days as one answer holds.
   * @throws Problem `validation` if the days are in the wrong order, or one of them has too many doses
   */
  async list(actor: Actor, query: DosesQuery): Promise<DosesDto> {
    const { from, to } = query;
    const { expected, medications } = await this.expectedIn(actor, { ...query, mostDays: MAX_DAYS });
    const slots = await this.slotsIn(expected);
    const due = lastDayWithin(slots, [from, to], MAX_DOSES_OF_PERIOD) ?? from;
    const { intakes, whole } = await this.intakesUntil(actor, query, due);
    const outcomes = (await this.outcomes(until(slots, whole), intakes, MAX_COMPUTED)) ?? [];
    const ids = new Set(outcomes.map(({ slot }) => slotId(slot.scheduleId, slot.slot)));
    const others = until(intakes, whole).filter(({ id, localDate }) => !ids.has(id) && localDate >= from);
    const shown = [...outcomes.map(({ slot }) => slot), ...others];
    const last = lastDayWithin(shown, [from, whole], MAX_DOSES_OF_PERIOD);
    if (last === undefined) throw tooMany(MAX_DOSES_OF_PERIOD);
    return {
      data: outcomes
        .filter(({ slot }) => slot.localDate <= last)
        .map((outcome) => shownDose(outcome, medications.get(outcome.slot.plan.medicationId))),
      others: until(others, last),
      next: last < to ? addDays(last, 1) : null,
    };
  }

  /**
   * Ticks a scheduled dose. Whoever ticks it, it is one intake: a second tick of a dose that is taken changes nothing, and one that
   * says otherwise must name the version that the person has seen.
   * @throws Problem `validation` if no schedule expects the dose and the tick does not say what it is, `version-conflict`, `dose-limit`, `quota-exceeded`
   */
  async tick(actor: Actor, id: string, input: TickDoseDto): Promise<MedicationIntake> {
    const { scheduleId, slot } = input;
    if (slotId(scheduleId, slot) !== id)
      throw invalidField('slot', 'invalid', `the dose has the id ${slotId(scheduleId, slot)}`);
    const timeZone = input.timeZone ?? (await this.users.get(actor.userId)).timeZone;
    return this.intakesOf(actor).write(actor, id, async (current, now) => {
      const live = current?.deletedAt === null ? current : undefined;
      if (input.version !== undefined && input.version !== live?.version)
        throw new Problem('version-conflict');
      // An intake without the dose may have its id all the same: it is no tick.
      const ticked = live?.slot === slot ? live : undefined;
      if (ticked && isDone(ticked, input)) return undefined;
      const expected = await this.expected(actor, input, timeZone);
      const medicationId = expected?.plan.medicationId ?? current?.medicationId ?? input.medicationId;
      const [medication] = medicationId
        ? await new MedicationsRepository(this.records, person(actor.userId)).findAll([medicationId])
        : [];
      return tickOf(input, { current, ticked, expected, medicationId, medication, timeZone, now });
    });
  }

  /** What became of the expected doses of a period, in the order in which they are due, and the intakes around it. */
  async find(actor: Pick<Actor, 'userId'>, period: DosesPeriod) {
    const { from, to, medicationId, most } = period;
    const { expected, medications } = await this.expectedIn(actor, period);
    const days = [addDays(from, -MARGIN_DAYS), addDays(to, MARGIN_DAYS)] as const;
    const intakes = await this.intakesOf(actor).onDays(days, medicationId, most + 1);
    const outcomes = intakes.length > most ? undefined : await this.outcomes(expected, intakes, most);
    if (!outcomes) throw tooMany(most);
    return { outcomes, intakes, medications };
  }

  private async expectedIn(
    { userId }: Pick<Actor, 'userId'>,
    { from, to, timeZone, medicationId, mostDays }: Omit<DosesPeriod, 'most'>,
  ) {
    checkDayRange({ from, to }, mostDays);
    const zone = timeZone ?? (await this.users.get(userId)).timeZone;
    const days = [from, to] as const;
    const [medications, versions] = await Promise.all([
      new MedicationsRepository(this.records, person(userId)).all(),
      new SchedulesRepository(this.records, person(userId)).counting(days, medicationId),
    ]);
    const plans = versions.filter((plan) => medications.has(plan.medicationId));
    return { expected: eachSlot({ plans, days, timeZone: zone, clocks: zoneClocks() }), medications };
  }

  /** The doses, computed in turns. */
  private async slotsIn(expected: Iterable<Slot | undefined>): Promise<Slot[]> {
    const [slice, slots]: [TimeSlice, Slot[]] = [new TimeSlice(), []];
    for (const slot of expected) {
      if (slot) slots.push(slot);
      if (slots.length > MAX_COMPUTED) throw tooMany(MAX_COMPUTED);
      if (slice.isOver) await slice.next();
    }
    return slots;
  }

  /** The intakes around days, and the last day of which they are all read. */
  private async intakesUntil(actor: Actor, { from, medicationId }: DosesQuery, last: string) {
    const days = [addDays(from, -MARGIN_DAYS), addDays(last, MARGIN_DAYS)] as const;
    const intakes = await this.intakesOf(actor).onDays(days, medicationId, MAX_INTAKES_READ);
    const end = intakes.length < MAX_INTAKES_READ ? undefined : intakes.at(-1)?.localDate;
    return { intakes, whole: end === undefined ? last : addDays(end, -1 - MARGIN_DAYS) };
  }

  private intakesOf({ userId }: Pick<Actor, 'userId'>): IntakesRepository {
    return new IntakesRepository(this.records, person(userId));
  }

  /** What became of doses, in turns. Undefined for more than `most`. */
  private async outcomes(
    expected: Iterable<Slot | undefined>,
    intakes: readonly MedicationIntake[],
    most: number,
  ): Promise<Outcome[] | undefined> {
    const slice = new TimeSlice();
    // Whoever needs many periods asks for one after the other, and each may be short.
    await slice.next();
    const outcomeOf = outcomesBy<MedicationSchedule, MedicationIntake>(intakes, this.clock.now());
    const outcomes: Outcome[] = [];
    for (const slot of expected) {
      if (slot) outcomes.push(outcomeOf(slot));
      if (outcomes.length > most) return undefined;
      if (slice.isOver) await slice.next();
    }
    return outcomes.toSorted(inDueOrder);
  }

  /** The dose of a tick, if a schedule expects it now. */
  private async expected(
    actor: Actor,
    { scheduleId, slot }: TickDoseDto,
    zone: string,
  ): Promise<Slot | undefined> {
    const date = slot.slice(0, 10);
    if (Number.isNaN(Date.parse(date))) return undefined;
    const days = [addDays(date, -1), addDays(date, 1)] as const;
    const schedules = new SchedulesRepository(this.records, person(actor.userId));
    const versions = await schedules.countingOf(scheduleId, days);
    return slotsOf(versions, days, zone, zoneClocks(), MAX_DOSES_OF_PERIOD).find(
      (one) => one.slot === slot && one.scheduleId === scheduleId,
    );
  }
}

const tooMany = (most: number): Problem =>
  invalidField(
    'to',
    'out-of-range',
    `the days have more than ${most} doses: ask for fewer, or for one medication`,
  );

/** Whether an intake says already what a tick says, or more. */
function isDone({ status }: MedicationIntake, input: TickDoseDto): boolean {
  if (status !== 'taken' || input.version !== undefined) return false;
  // A dose that was taken does not become untaken by somebody who did not know of it.
  if (input.status !== 'taken') throw new Problem('version-conflict');
  return true;
}

interface Tick {
  /** What is stored under the id. It may be a tombstone. */
  readonly current: MedicationIntake | undefined;
  /** The live intake of the dose. */
  readonly ticked: MedicationIntake | undefined;
  readonly expected: Slot | undefined;
  readonly medicationId: string | undefined;
  readonly medication: Medication | undefined;
  readonly timeZone: string;
  readonly now: Date;
}

/** What a tick stores. What it does not say stays as it was ticked before. */
function tickOf(
  input: TickDoseDto,
  { current, ticked, expected, medicationId, medication, timeZone, now }: Tick,
): IntakeEdit {
  const { scheduleId, slot, status, reason, site, note, confirmed } = input;
  const due = expected ? new Date(expected.at) : (current?.scheduledFor ?? input.scheduledFor);
  const scheduledFor = ticked?.scheduledFor ?? due;
  if (medicationId === undefined || scheduledFor === undefined)
    throw invalidField(
      'slot',
      'not-allowed',
      'no schedule expects this dose: to store it nevertheless, send medication_id and scheduled_for',
    );
  const free = Object.entries({ reason, site, note, confirmed }).filter(([, value]) => value !== undefined);
  const usual = expected?.amount ?? medication?.doseAmount;
  const own = {
    takenAt: input.takenAt ?? (status === 'taken' ? (ticked?.takenAt ?? now) : null),
    amount: input.amount ?? (status === 'taken' ? (ticked?.amount ?? usual) : null) ?? null,
    snoozedUntil: input.snoozedUntil ?? (status === 'snoozed' ? ticked?.snoozedUntil : null) ?? null,
  };
  // The first tick says where the dose was due: a correction from another place does not move it.
  const place = { scheduledFor, timeZone: ticked?.timeZone ?? timeZone };
  const dose = { medicationId, scheduleId, slot, status, ...place, ...own };
  return { op: current ? 'update' : 'create', entered: { ...dose, ...Object.fromEntries(free) } };
}
