import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { localDay } from '../../../kernel/quantities/local-day.js';
import { addDays, DAY_MS } from '../../../kernel/quantities/local-time.js';
import { Clock } from '../../../platform/clock.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { UsersService } from '../../identity/public.js';
import { compareText } from '../health-metrics/reading-merge.js';
import { type DoseResult, isOpen, resultOf } from './dose-results.js';
import { DosesService } from './doses.service.js';
import { IntakesRepository } from './intakes.repository.js';
import { LotsRepository } from './lots.repository.js';
import type { Medication } from './medication.entity.js';
import { MedicationsRepository } from './medications.repository.js';
import {
  type AdherenceDto,
  type AdherenceQuery,
  type DuplicatesDto,
  MAX_OVERVIEW_DAYS,
  type MedicationAdherenceDto,
  OVERVIEW_LIMITS,
  type StockDto,
} from './overview.dto.js';
import { afterDoses, expiresOn, rounded, unitsIn } from './stock.js';

/** For a medication that says nothing. */
const REFILL_LEAD_DAYS = 7;

/** Days of a forecast that are computed together. */
const DAYS_AT_ONCE = 14;

type Counts = Record<DoseResult, number>;

/** What is computed from all doses of a medication. */
@Injectable()
export class OverviewService {
  constructor(
    private readonly records: Records,
    private readonly users: UsersService,
    private readonly doses: DosesService,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem `not-found` */
  async stock(actor: Actor, id: string): Promise<StockDto> {
    const owner = person(actor.userId);
    const [medication, lots] = await Promise.all([
      new MedicationsRepository(this.records, owner).get(id),
      new LotsRepository(this.records, owner).ofMedication(id),
    ]);
    const since = lots[0]?.addedAt ?? null;
    const taken = since ? await new IntakesRepository(this.records, owner).takenSince(id, since) : 0;
    const came = unitsIn(lots);
    const unitsLeft = since ? rounded(came - taken) : null;
    return {
      medicationId: id,
      doseUnit: medication.doseUnit,
      unitsLeft,
      unitsIn: came,
      unitsTaken: taken,
      countedSince: since,
      expiresOn: expiresOn(lots, taken) ?? null,
      ...(await this.forecast(actor, medication, unitsLeft)),
    };
  }

  /** @throws Problem `validation` if the days are in the wrong order, or have too many doses */
  async adherence(actor: Actor, query: AdherenceQuery): Promise<AdherenceDto> {
    const { medications, outcomes } = await this.doses.find(actor, { ...query, ...OVERVIEW_LIMITS });
    const counts = new Map<string, Counts>();
    for (const outcome of outcomes) {
      const [{ medicationId }, result] = [outcome.slot.plan, resultOf(outcome)];
      const own = counts.get(medicationId) ?? { inTime: 0, early: 0, late: 0, skipped: 0, missed: 0 };
      if (result) own[result] += 1;
      counts.set(medicationId, own);
    }
    const data = [...counts].map(([id, own]) => adherenceOf(id, medications.get(id)?.name ?? '', own));
    return { data: data.toSorted((a, b) => compareText(a.medicationName, b.medicationName)) };
  }

  async duplicates({ userId }: Actor): Promise<DuplicatesDto> {
    const medications = await new MedicationsRepository(this.records, person(userId)).all();
    const byCode = new Map<string, string[]>();
    for (const { id, isArchived, ingredientCodes } of medications.values())
      for (const code of isArchived ? [] : (ingredientCodes ?? []))
        byCode.set(code, [...(byCode.get(code) ?? []), id]);
    const shared = [...byCode].filter(([, ids]) => ids.length > 1);
    return {
      data: shared
        .map(([ingredientCode, ids]) => ({ ingredientCode, medicationIds: ids.toSorted() }))
        .toSorted((a, b) => compareText(a.ingredientCode, b.ingredientCode)),
    };
  }

  /** When the expected doses will have used up what is left. */
  private async forecast(
    actor: Actor,
    { id, refillLeadDays }: Medication,
    unitsLeft: number | null,
  ): Promise<Pick<StockDto, 'daysLeft' | 'runsOutOn' | 'refillBy'>> {
    const unknown = { daysLeft: null, runsOutOn: null, refillBy: null };
    if (unitsLeft === null) return unknown;
    const { timeZone } = await this.users.get(actor.userId);
    const today = localDay(this.clock.date(), timeZone);
    const day = await this.runsOutOn(actor, id, unitsLeft, today);
    if (day === undefined) return unknown;
    const refill = addDays(day, -(refillLeadDays ?? REFILL_LEAD_DAYS));
    const daysLeft = Math.max(0, (Date.parse(day) - Date.parse(today)) / DAY_MS);
    return { daysLeft, runsOutOn: day, refillBy: refill < today ? today : refill };
  }

  /** The day of the first expected dose within a year that is not covered. No doses are computed after it. */
  private async runsOutOn(
    actor: Actor,
    medicationId: string,
    unitsLeft: number,
    today: string,
  ): Promise<string | undefined> {
    const end = addDays(today, MAX_OVERVIEW_DAYS - 2);
    let rest = unitsLeft;
    for (let from = addDays(today, -1); from <= end; from = addDays(from, DAYS_AT_ONCE)) {
      const last = addDays(from, DAYS_AT_ONCE - 1);
      const period = { from, to: last < end ? last : end, medicationId };
      const { outcomes } = await this.doses.find(actor, { ...period, ...OVERVIEW_LIMITS });
      const after = afterDoses(
        rest,
        outcomes.filter(isOpen).map(({ slot }) => slot),
      );
      if (after.runsOutOn !== undefined) return after.runsOutOn;
      rest = after.unitsLeft;
    }
    return undefined;
  }
}

function adherenceOf(medicationId: string, medicationName: string, counts: Counts): MedicationAdherenceDto {
  const expected = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const adherence = expected === 0 ? null : Math.round((counts.inTime / expected) * 1e4) / 1e4;
  return { medicationId, medicationName, ...counts, expected, adherence };
}
