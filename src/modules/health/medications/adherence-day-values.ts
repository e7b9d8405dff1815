import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { Clock } from '../../../platform/clock.js';
import { grouped } from '../../../platform/grouped.js';
import { DaySource, type DaySubject, type DayValue } from '../../../records/define/day-values.js';
import { stateOf, timingOf, windowOf } from './dose-states.js';
import { DosesService } from './doses.service.js';
import { MAX_OVERVIEW_DAYS, MAX_OVERVIEW_DOSES } from './overview.dto.js';
import { slotId } from './slot-id.js';
import { medications } from './medications.scopes.js';

const SUBJECT = 'adherence';
const LIMITS = { mostDays: MAX_OVERVIEW_DAYS, most: MAX_OVERVIEW_DOSES };

/** Which part of a day's expected doses was taken in time, in percent. A dose that is not due yet is not expected. */
@Injectable()
export class AdherenceDayValues extends DaySource {
  readonly resource = medications;
  readonly names = [SUBJECT];

  constructor(
    private readonly doses: DosesService,
    private readonly clock: Clock,
  ) {
    super();
  }

  find(subject: string): DaySubject | undefined {
    return subject === SUBJECT
      ? { units: [{ unit: '%', factor: 1, offset: 0 }], rollUp: 'average' }
      : undefined;
  }

  async valuesOf(
    actor: Actor,
    _subject: string,
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, DayValue>> {
    const { slots, intakes } = await this.doses.find(actor, { from, to, ...LIMITS });
    const byId = new Map(intakes.map((intake) => [intake.id, intake]));
    const now = this.clock.now();
    const doses = slots.flatMap(({ scheduleId, slot, at, plan, localDate }) => {
      const [window, intake] = [windowOf(at, plan), byId.get(slotId(scheduleId, slot))];
      const [state, timing] = [stateOf(window, intake, now), timingOf(window, intake)];
      const isExpected = state === 'skipped' || state === 'missed' || timing !== null;
      const isInTime = timing !== null && timing !== 'early' && timing !== 'late';
      return isExpected ? [{ localDate, isInTime }] : [];
    });
    return new Map(
      [...grouped(doses, ({ localDate }) => localDate)].map(([day, own]) => {
        const value = (own.filter(({ isInTime }) => isInTime).length / own.length) * 100;
        return [day, { value, weight: own.length, isPartial: false }];
      }),
    );
  }
}
