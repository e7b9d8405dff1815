const formats = new Map<string, Intl.DateTimeFormat>();

/** A clock of a place. One of which this device has not heard yet, as a new zone of another device, is read in UTC. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = clockIn(timeZone) ?? formatOf('UTC');
  formats.set(timeZone, format);
  return format;
}

function clockIn(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The day of an instant at a place, and the minutes that its clock is ahead of UTC. */
export function localTime(
  instant: string,
  timeZone: string,
): { local_date: string; local_hour: number; utc_offset_min: number } {
  const time = Date.parse(instant);
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(time)
      .map(({ type, value }) => [type, value]),
  );
  const local_date = `${parts['year']}-${parts['month']}-${parts['day']}`;
  const local = Date.parse(`${local_date}T${parts['hour']}:${parts['minute']}:${parts['second']}Z`);
  return {
    local_date,
    local_hour: Number(parts['hour']),
    utc_offset_min: Math.round((local - Math.floor(time / 1000) * 1000) / 60_000),
  };
}
