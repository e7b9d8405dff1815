import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DoseIntake,
  outcomesBy,
  type TimedPlan,
} from '../../src/modules/health/medications/dose-results.js';
import { slotsOf } from '../../src/modules/health/medications/dose-slots.js';
import { zoneClocks } from '../../src/modules/health/medications/zone-clocks.js';

/*
 * The invariants of what became of doses.
 * O1 A dose that is ticked has the same result, wherever the person is when somebody asks.
 * O2 An intake is that of one dose: of the schedule and the time that it names.
 */
const HOUR_MS = 3_600_000;
const clocks = zoneClocks();
const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
const period = ['2026-03-20', '2026-04-05'] as const;

const plan = (values: Partial<TimedPlan> = {}): TimedPlan => ({
  id: 'a',
  medicationId: 'm',
  recurrence: 'daily',
  startsOn: '2026-01-01',
  zoneMode: 'floating',
  timeZone: 'Europe/Vienna',
  doses: [
    { localTime: '08:00', amount: 1 },
    { localTime: '20:30', amount: 2 },
  ],
  ...values,
});

describe('what became of doses', () => {
  it('O1 a journey changes no result of a dose that was ticked', () => {
    const hours = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(zone, zone, fc.array(hours, { minLength: 34, maxLength: 34 }), (home, away, late) => {
        const plans = [plan()];
        const found = (here: string) => slotsOf(plans, period, here, clocks, 1_000);
        const intakes = found(home).map(({ scheduleId, slot, at }, index): DoseIntake => {
          const [takenAt, scheduledFor] = [new Date(at + (late[index] ?? 0) * HOUR_MS), new Date(at)];
          return { scheduleId, slot, scheduledFor, status: 'taken', takenAt, snoozedUntil: null };
        });
        const resultsIn = (here: string) =>
          found(here)
            .map(outcomesBy(intakes, Date.parse('2026-05-01')))
            .map(({ slot, at, state, timing, window }) => [slot.slot, at, state, timing, window]);
        expect(resultsIn(away)).toEqual(resultsIn(home));
      }),
      { numRuns: 50 },
    );
  });

  it('O2 an intake of another schedule, or without a dose, is not that of a dose', () => {
    const [slot] = slotsOf([plan()], ['2026-03-20', '2026-03-20'], 'UTC', clocks, 10);
    const own: DoseIntake = {
      scheduleId: 'a',
      slot: '2026-03-20T08:00',
      scheduledFor: new Date('2026-03-20T08:00:00Z'),
      status: 'taken',
      takenAt: new Date('2026-03-20T08:00:00Z'),
      snoozedUntil: null,
    };
    const stateWith = (values: Partial<DoseIntake>) =>
      outcomesBy([{ ...own, ...values }], Date.parse('2026-05-01'))(slot!).state;
    expect([
      stateWith({}),
      stateWith({ scheduleId: 'b' }),
      stateWith({ scheduleId: null, slot: null }),
    ]).toEqual(['taken', 'missed', 'missed']);
  });
});
