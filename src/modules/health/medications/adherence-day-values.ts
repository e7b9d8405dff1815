import { Injectable } from '@nestjs/common';
import { grouped } from '../../../platform/grouped.js';
import {
  DaySource,
  type DaySubject,
  type DayValues,
  type OfPerson,
} from '../../../records/define/day-values.js';
import { resultOf } from './dose-results.js';
import { DosesService } from './doses.service.js';
import { OVERVIEW_LIMITS } from './overview.dto.js';
import { medications } from './medications.scopes.js';

const SUBJECT = 'adherence';

/** Which part of a day's expected doses was taken in time, in percent. A dose that is not due yet is not expected. */
@Injectable()
export class AdherenceDayValues extends DaySource {
  readonly resource = medications;
  readonly names = [SUBJECT];

  constructor(private readonly doses: DosesService) {
    super();
  }

  has(subject: string): boolean {
    return subject === SUBJECT;
  }

  async find(): Promise<ReadonlyMap<string, DaySubject>> {
    return new Map([[SUBJECT, { units: [{ unit: '%', factor: 1, offset: 0 }], rollUp: 'average' }]]);
  }

  async valuesOf(
    person: OfPerson,
    _subjects: readonly string[],
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, DayValues>> {
    const { outcomes } = await this.doses.find(person, { from, to, ...OVERVIEW_LIMITS });
    const expected = outcomes.filter((outcome) => resultOf(outcome) !== undefined);
    const days = new Map(
      [...grouped(expected, ({ slot }) => slot.localDate)].map(([day, own]) => {
        const value = (own.filter((outcome) => resultOf(outcome) === 'inTime').length / own.length) * 100;
        return [day, { value, weight: own.length, isPartial: false }];
      }),
    );
    return new Map([[SUBJECT, days]]);
  }
}
