import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantOfColumn, isoText } from '../../src/platform/instant-text.js';

const instants = (min: string, max: string) =>
  fc.date({ min: new Date(min), max: new Date(max), noInvalidDate: true });

describe('instants as text', () => {
  it('writes what toISOString writes, in every year', () => {
    const anywhere = instants('-271821-04-20T00:00:00.000Z', '+275760-09-13T00:00:00.000Z');
    fc.assert(fc.property(anywhere, (instant) => isoText(instant) === instant.toISOString()));
    for (const text of ['1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z', '2024-02-29T12:00:00.001Z'])
      expect(isoText(new Date(text))).toBe(text);
    expect(() => isoText(new Date(NaN))).toThrow('Invalid time value');
  });

  it('reads from a column what was written to it', () => {
    const stored = instants('1900-01-01T00:00:00.000Z', '2200-12-31T23:59:59.999Z');
    fc.assert(
      fc.property(stored, (instant) => {
        const column = isoText(instant).replace('T', ' ').slice(0, -1);
        expect(instantOfColumn(column)).toEqual(instant);
      }),
    );
  });

  it.each([
    ['2026-01-06 20:30:05', '2026-01-06T20:30:05.000Z'],
    ['2026-01-06T20:30:05.120', '2026-01-06T20:30:05.120Z'],
    ['2026-01-06 20:30:05.123456', '2026-01-06T20:30:05.123Z'],
  ])('reads %s as well', (text, expected) => {
    expect(instantOfColumn(text).toISOString()).toBe(expected);
  });
});
