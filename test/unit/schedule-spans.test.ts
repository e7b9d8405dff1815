import { describe, expect, it } from 'vitest';
import { type PlanSpan, spanOf } from '../../src/modules/health/medications/schedule-spans.js';

const version = (id: string, startsOn: string, values: Partial<PlanSpan> = {}): PlanSpan => ({
  id,
  medicationId: 'm',
  versionOf: null,
  recurrence: 'daily',
  startsOn,
  endsOn: null,
  countsLater: false,
  timeZone: 'Europe/Berlin',
  ...values,
});
const pause = (startsOn: string, values: Partial<PlanSpan> = {}) =>
  version('p', startsOn, { versionOf: 'a', recurrence: 'paused', ...values });

describe('the span of the schedules of a medication', () => {
  it.each<[string, PlanSpan[], string | undefined, boolean]>([
    ['one without an end', [version('a', '2026-01-05')], undefined, false],
    ['one with an end', [version('a', '2026-01-05', { endsOn: '2026-01-09' })], '2026-01-09', false],
    ['a pause', [version('a', '2026-01-05'), pause('2026-01-08')], '2026-01-07', true],
    [
      'a pause that was made on its first day',
      [version('a', '2026-01-05'), pause('2026-01-08', { countsLater: true })],
      '2026-01-08',
      true,
    ],
    [
      'a pause after the end',
      [version('a', '2026-01-05', { endsOn: '2026-01-06' }), pause('2026-01-08')],
      '2026-01-06',
      false,
    ],
    ['a pause from the beginning', [version('a', '2026-01-05'), pause('2026-01-05')], '2026-01-05', true],
    [
      'a pause that is over',
      [version('a', '2026-01-05'), pause('2026-01-08'), version('b', '2026-02-01', { versionOf: 'a' })],
      undefined,
      false,
    ],
    [
      'a change that ends',
      [version('a', '2026-01-05'), version('b', '2026-02-01', { versionOf: 'a', endsOn: '2026-02-03' })],
      '2026-02-03',
      false,
    ],
    [
      'two schedules, of which one goes on',
      [version('a', '2026-01-05', { endsOn: '2026-01-06' }), version('c', '2026-02-01')],
      undefined,
      false,
    ],
    [
      'two schedules that end',
      [
        version('a', '2026-01-05', { endsOn: '2026-03-06' }),
        version('c', '2026-02-01', { endsOn: '2026-02-02' }),
      ],
      '2026-03-06',
      false,
    ],
  ])('ends with %s', (_, plans, end, isPaused) => {
    for (const order of [plans, plans.toReversed()])
      expect(spanOf(order)).toEqual({ start: '2026-01-05', end, isPaused, timeZone: 'Europe/Berlin' });
  });

  it('is unknown without a schedule, and with one that is only a pause', () => {
    expect([spanOf([]), spanOf([version('a', '2026-01-05', { recurrence: 'paused' })])]).toEqual([
      undefined,
      undefined,
    ]);
  });
});
