import { Temporal } from 'temporal-polyfill';

/** Every change of the zone's offset in ten years. */
export function changesOf(zone: string): Temporal.ZonedDateTime[] {
  const changes: Temporal.ZonedDateTime[] = [];
  const end = Temporal.Instant.from('2027-01-01T00:00:00Z').epochMilliseconds;
  let at = Temporal.Instant.from('2017-01-01T00:00:00Z').toZonedDateTimeISO(zone);
  for (;;) {
    const next = at.getTimeZoneTransition('next');
    if (!next || next.epochMilliseconds > end) return changes;
    changes.push((at = next));
  }
}
