import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { DaySource, type DaySubject, type DayValue } from '../../../records/define/day-values.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { SleepRepository } from './sleep.repository.js';
import { sleep } from './sleep.scopes.js';

const SUBJECT = 'sleep';

/** The sleep of each night, without naps. Several nights have their mean. */
@Injectable()
export class SleepDayValues extends DaySource {
  readonly resource = sleep;
  readonly names = [SUBJECT];

  constructor(private readonly records: Records) {
    super();
  }

  find(subject: string): DaySubject | undefined {
    const units = [
      { unit: 'min', factor: 1, offset: 0 },
      { unit: 'h', factor: 60, offset: 0 },
    ];
    return subject === SUBJECT ? { units, rollUp: 'average' } : undefined;
  }

  async valuesOf(
    { userId }: Actor,
    _subject: string,
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, DayValue>> {
    const nights = await new SleepRepository(this.records, person(userId)).nights(from, to);
    return new Map(
      nights.flatMap(({ localDate, night: { asleepSeconds } }): [string, DayValue][] =>
        asleepSeconds === null
          ? []
          : [[localDate, { value: asleepSeconds / 60, weight: 1, isPartial: false }]],
      ),
    );
  }
}
