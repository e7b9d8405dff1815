const US = /^(\d{1,2})\/(\d{1,2})\/(\d{2}|\d{4}) +(\d{1,2}):(\d{2})(?::(\d{2}))?(?: *([AP])M)?$/i;
const ISO = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** `4/12/16 6:47` or `4/12/2016 11:59:59 PM`, read as UTC; undefined for any other text. */
export function usDate(text: string): string | undefined {
  const [, month, day, year, hour, minute, second = '0', half] = US.exec(text) ?? [];
  if (!month || !day || !year || !hour || !minute) return undefined;
  const hours = half ? ofTwelve(Number(hour), half) : Number(hour);
  if (hours === undefined || hours > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const fullYear = year.length === 2 ? 2000 + Number(year) : Number(year);
  const date = new Date(
    Date.UTC(fullYear, Number(month) - 1, Number(day), hours, Number(minute), Number(second)),
  );
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return exists ? date.toISOString() : undefined;
}

/** 12 AM is midnight and 12 PM is noon. */
function ofTwelve(hour: number, half: string): number | undefined {
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
}

/** An ISO 8601 instant with an offset, without surrounding space; undefined for any other text. */
export function isoDate(text: string): string | undefined {
  const day = ISO.exec(text)?.[1];
  if (!day || Number.isNaN(Date.parse(text))) return undefined;
  // JavaScript would silently turn 30 February into 2 March.
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) ? text : undefined;
}
