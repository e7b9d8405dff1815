import { ValidateBy } from 'class-validator';

/** Free of control characters and lone surrogates: such text cannot be stored and read back unchanged everywhere. */
export const IsText = (): PropertyDecorator =>
  ValidateBy({
    name: 'isText',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' &&
        value.isWellFormed() &&
        !/[\u0000-\u0008\u000b-\u001f\u007f]/.test(value),
      defaultMessage: () => '$property must not contain control characters or broken surrogates',
    },
  });

/**
 * How many characters a text has: code points, as JSON Schema and the databases count them. class-validator does not
 * count variation selectors, and a text that passes its check may not fit its column.
 */
function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

export const MinLength = (min: number): PropertyDecorator =>
  ValidateBy({
    name: 'minLength',
    constraints: [min],
    validator: {
      validate: (value: unknown) => typeof value === 'string' && characters(value) >= min,
      defaultMessage: () => '$property must be longer than or equal to $constraint1 characters',
    },
  });

export const MaxLength = (max: number): PropertyDecorator =>
  ValidateBy({
    name: 'maxLength',
    constraints: [max],
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && (value.length <= max || characters(value) <= max),
      defaultMessage: () => '$property must be shorter than or equal to $constraint1 characters',
    },
  });
