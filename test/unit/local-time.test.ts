import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { localDay } from '../../src/kernel/quantities/local-day.js';
import { localTime, startOfDay } from '../../src/kernel/quantities/local-time.js';
import { changesOf } from '../support/zones.js';

const zones = Intl.supportedValuesOf('timeZone');

describe('the local time of a reading', () => {
  it('is right in every zone, around every change of ten years and at the ends of its days', () => {
    let count = 0;
    for (const zone of zones) {
      const days = [...changesOf(zone), Temporal.ZonedDateTime.from(`2026-01-06T12:00[${zone}]`)];
      for (const day of days) {
        const midnight = day.startOfDay().epochMilliseconds;
        const next = day.add({ days: 1 }).startOfDay().epochMilliseconds;
        const change = day.epochMilliseconds;
        for (const time of [midnight - 1, midnight, next - 1, change - 1, change]) {
          const expected = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(zone);
          const instant = new Date(time);
          const found = localTime(instant, zone);
          const wanted = {
            date: expected.toPlainDate().toString(),
            hour: expected.hour,
            offsetMin: Math.round(expected.offsetNanoseconds / 6e10),
          };
          if (JSON.stringify(found) !== JSON.stringify(wanted) || localDay(instant, zone) !== wanted.date)
            expect([zone, time, found]).toEqual([zone, time, wanted]);
          count++;
        }
      }
    }
    expect(zones.length).toBeGreaterThan(400);
    expect(count).toBeGreaterThan(8_000);
  });

  it('begins a day where the zone does', () => {
    for (const zone of zones.filter((_, index) => index % 7 === 0))
      for (const day of ['2026-01-06', '2026-03-29', '2026-10-25'])
        expect([zone, startOfDay(day, zone).getTime()]).toEqual([
          zone,
          Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds,
        ]);
  });
});
