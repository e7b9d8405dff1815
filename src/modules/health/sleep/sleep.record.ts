import { defineRecord } from '../../../records/define/define-record.js';
import { addDays, localTime } from '../../../kernel/quantities/local-time.js';
import { faultsOfFuture } from '../not-of-the-future.js';
import { faultsOfSleep, MARGIN_DAYS, SLEEP } from './sleep-rules.js';
import { totalsOf } from './sleep-totals.js';
import { SleepDataDto } from './sleep.dto.js';
import { SleepSession } from './sleep.entity.js';
import { SleepFieldsDto } from './sleep.fields.js';
import { sleep } from './sleep.scopes.js';

export const sleepRecord = defineRecord({
  kind: SLEEP,
  entity: SleepSession,
  fields: SleepFieldsDto,
  data: SleepDataDto,
  groups: [
    // Stages have to lie inside the session, and all of these decide what it counts for, so they are one group.
    [
      'startedAt',
      'endedAt',
      'date',
      'timeZone',
      'isNap',
      'minutesAsleep',
      'minutesInBed',
      'stages',
      'source',
      'externalId',
    ],
    ['score'],
    ['averageHeartRate'],
    ['averageHrvMs'],
    ['averageOxygenSaturation'],
    ['averageRespiratoryRate'],
    ['device'],
    ['note'],
  ],
  check: faultsOfSleep,
  admit: (entered, { current, now }) => [
    ...faultsOfFuture('ended_at', entered.endedAt, current?.endedAt, now),
    ...faultsOfFuture('date', dayOf(entered.date), dayOf(current?.date), now),
  ],
  source: { source: 'source', instant: 'sortedAt' },
  timeline: { instant: 'sortedAt', day: 'localDate', resource: sleep },
  days: ({ localDate }) => [addDays(localDate, -MARGIN_DAYS), addDays(localDate, MARGIN_DAYS)],
  placed: { timeZone: 'timeZone', instants: ['startedAt', 'endedAt', 'date'] },
  derive: (entered) => {
    const { endedAt, date, timeZone } = entered;
    return {
      localDate: endedAt ? localTime(endedAt, timeZone).date : (date ?? ''),
      sortedAt: endedAt ?? new Date(`${date}T12:00:00Z`),
      ...totalsOf(entered),
    };
  },
});

/** The begin of a day in UTC. No place is further ahead of it than what the rule allows. */
const dayOf = (date: string | null | undefined): Date | undefined => (date ? new Date(date) : undefined);
