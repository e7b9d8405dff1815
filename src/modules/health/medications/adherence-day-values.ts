import { Injectable } from '@nestjs/common';
import { grouped } from '../../../platform/grouped.js';
import {
  DaySource,
  type DaySubject,
  type DayValues,
  type OfPerson,
} from '../../../records/define/person/day-values.js';
import { resultOf } from './dose-results.js';
import { DosesService } from './doses.service.js';
import { intakeRecord } from './intakes.record.js';
import { SCHEDULE } from './medication-references.js';
import { MEDICATION } from './medications.record.js';
import { OVERVIEW_LIMITS } from './overview.dto.js';
import { medications } from './medications.scopes.js';

const SUBJECT = 'adherence';

/** Which part of a day's expected doses was taken in time, in percent. A dose that is not due yet is not expected. */
@Injectable()
export class AdherenceDayValues extends DaySource {
  readonly resource = medications;
  readonly names = [SUBJECT];
  readonly kinds = [MEDICATION, SCHEDULE, intakeRecord.kind];
  override readonly dependsOnZone = true;

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
    const days = new Map(
      [...grouped(outcomes, ({ slot }) => slot.localDate)].map(([day, own]) => {
        const results = own.flatMap((outcome) => resultOf(outcome) ?? []);
        const inTime = results.filter((result) => result === 'inTime').length;
        const value = results.length === 0 ? null : (inTime / results.length) * 100;
        const isOpen = results.length < own.length;
        return [day, { value, weight: results.length, isPartial: false, isOpen }];
      }),
    );
    return new Map([[SUBJECT, days]]);
  }
}
