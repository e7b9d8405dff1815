import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { Clock } from '../../../platform/clock.js';
import { grouped } from '../../../platform/grouped.js';
import { DaySource, type DaySubject, type DayValue } from '../../../records/define/day-values.js';
import { resultsOf } from './dose-results.js';
import { DosesService } from './doses.service.js';
import { OVERVIEW_LIMITS } from './overview.dto.js';
import { medications } from './medications.scopes.js';

const SUBJECT = 'adherence';

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
    const found = await this.doses.find(actor, { from, to, ...OVERVIEW_LIMITS });
    const expected = resultsOf(found, this.clock.now()).filter(({ result }) => result !== undefined);
    return new Map(
      [...grouped(expected, ({ slot }) => slot.localDate)].map(([day, own]) => {
        const value = (own.filter(({ result }) => result === 'inTime').length / own.length) * 100;
        return [day, { value, weight: own.length, isPartial: false }];
      }),
    );
  }
}
