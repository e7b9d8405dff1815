import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileCopy } from '../../src/platform/compiled-copy.js';

it('copies what is named and nothing else, whatever the names and values are', () => {
  const name = fc.string({ minLength: 1, unit: 'binary' }).filter((text) => text !== '__proto__');
  const value = fc.oneof(fc.constant(null), fc.constant(undefined), fc.integer(), fc.string());
  fc.assert(
    fc.property(fc.dictionary(name, value, { noNullPrototype: true }), fc.array(name), (source, others) => {
      const names = [...new Set([...Object.keys(source), ...others])];
      const copy = compileCopy(
        names.map((from, index) => ({
          from,
          to: `${from}-copy`,
          convert: index % 2 === 0 ? (one: unknown) => [one] : undefined,
        })),
      );
      const expected: Record<string, unknown> = {};
      for (const [index, from] of names.entries()) {
        const one = source[from];
        if (Object.hasOwn(source, from) && one !== undefined)
          expected[`${from}-copy`] = one === null || index % 2 === 1 ? one : [one];
      }
      expect(copy(Object.assign(Object.create(null), source, { unnamed: 1 }))).toStrictEqual(expected);
    }),
  );
});
