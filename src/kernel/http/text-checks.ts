import { isTimeZone, ValidateBy } from 'class-validator';

/** Refuses control characters and lone surrogates: not every database stores them and returns them unchanged. */
export const IsText = (): PropertyDecorator =>
  ValidateBy({
    name: 'isText',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' &&
        value.isWellFormed() &&
        !/[\u0000-\u0008\u000b-\u001f\u007f]/.test(value),
    },
  });

/**
 * Whether a text shows all its characters in their order. One that turns the direction of writing, or that is not seen, makes
 * an address look like another.
 */
export const isVisible = (text: string): boolean => !/\p{C}|(?! )\p{Z}/u.test(text);

export const IsVisible = (): PropertyDecorator =>
  ValidateBy({
    name: 'isVisible',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isVisible(value),
    },
  });

/**
 * Counts code points, as JSON Schema and the databases do. class-validator does not count variation selectors, so a text
 * that passes its check may not fit its column.
 */
function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

export const MinLength = (min: number): PropertyDecorator =>
  ValidateBy({
    name: 'minLength',
    constraints: [min],
    validator: {
      validate: (value: unknown) => typeof value === 'string' && countCharacters(value) >= min,
    },
  });

export const MaxLength = (max: number): PropertyDecorator =>
  ValidateBy({
    name: 'maxLength',
    constraints: [max],
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && (value.length <= max || countCharacters(value) <= max),
    },
  });

/** Time zones that were found valid. A lookup takes 0.1 ms, and a push may name a hundred zones. */
const zones = new Set<string>();
/** More than there are zones. The set needs a limit because a zone's name is valid in every letter case. */
const MAX_ZONES = 2_000;

/** class-validator's check of an IANA time zone, with a cache. */
export const IsTimeZone = (): PropertyDecorator =>
  ValidateBy({
    name: 'isTimeZone',
    validator: {
      validate: (value: unknown) => {
        if (typeof value !== 'string') return false;
        if (zones.has(value)) return true;
        const isValid = isTimeZone(value);
        if (isValid && zones.size < MAX_ZONES) zones.add(value);
        return isValid;
      },
    },
  });
