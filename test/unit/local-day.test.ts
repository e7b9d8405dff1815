import { afterEach, describe, expect, it, vi } from 'vitest';
import { localDay } from '../../src/kernel/quantities/local-day.js';

describe('the local day', () => {
  const evening = new Date('2026-01-06T20:30:00Z');
  afterEach(() => vi.restoreAllMocks());

  it("is the day in the person's time zone", () => {
    expect(['Pacific/Auckland', 'UTC', 'America/New_York'].map((zone) => localDay(evening, zone))).toEqual([
      '2026-01-07',
      '2026-01-06',
      '2026-01-06',
    ]);
    expect(() => localDay(evening, 'Nowhere/Land')).toThrow(RangeError);
  });

  it('keeps one format for all spellings of a zone, and a limited number of formats', () => {
    const others = Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'America/Lima');
    // Twice: what other tests of this process left is gone then, whatever it was.
    for (const zone of [...others, ...others]) localDay(evening, zone);
    const { DateTimeFormat } = Intl;
    const made = vi.spyOn(Intl, 'DateTimeFormat').mockImplementation(function (...settings) {
      return new DateTimeFormat(...settings);
    } as typeof DateTimeFormat);
    for (const zone of ['America/Lima', 'america/lima', 'AMERICA/LIMA', 'aMeRiCa/LiMa'])
      expect(localDay(evening, zone)).toBe('2026-01-06');
    expect(made).toHaveBeenCalledTimes(1);
    for (const zone of [...others, ...others]) localDay(evening, zone);
    made.mockClear();
    localDay(evening, 'America/Lima');
    expect(made).toHaveBeenCalledTimes(1);
  });
});
