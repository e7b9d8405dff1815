import { Injectable } from '@nestjs/common';
import {
  DaySource,
  type DaySubject,
  type DayValue,
  type DayValues,
  type OfPerson,
} from '../../../records/define/person/day-values.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { sourceOrderRecord } from '../sources/source-orders.record.js';
import { SLEEP } from './sleep-rules.js';
import { SleepRepository } from './sleep.repository.js';
import { sleep } from './sleep.scopes.js';

const SUBJECT = 'sleep';

/** The sleep of each night, without naps. Several nights have their mean. */
@Injectable()
export class SleepDayValues extends DaySource {
  readonly resource = sleep;
  readonly names = [SUBJECT];
  readonly kinds = [SLEEP, sourceOrderRecord.kind];

  constructor(private readonly records: Records) {
    super();
  }

  has(subject: string): boolean {
    return subject === SUBJECT;
  }

  async find(): Promise<ReadonlyMap<string, DaySubject>> {
    const units = [
      { unit: 'min', factor: 1, offset: 0 },
      { unit: 'h', factor: 60, offset: 0 },
    ];
    return new Map([[SUBJECT, { units, rollUp: 'average' }]]);
  }

  async valuesOf(
    { userId }: OfPerson,
    _subjects: readonly string[],
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, DayValues>> {
    const nights = await new SleepRepository(this.records, person(userId)).nights(from, to);
    const days = new Map(
      nights.flatMap(({ localDate, night: { asleepSeconds } }): [string, DayValue][] =>
        asleepSeconds === null
          ? []
          : [[localDate, { value: asleepSeconds / 60, weight: 1, isPartial: false }]],
      ),
    );
    return new Map([[SUBJECT, days]]);
  }
}
