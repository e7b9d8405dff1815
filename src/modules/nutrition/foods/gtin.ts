import { ValidateBy } from 'class-validator';
import { field, type FieldOptions } from '../../../kernel/http/field.js';

/** The numbers of digits of GTIN-8, GTIN-12 (UPC-A), GTIN-13 (EAN-13) and GTIN-14. */
const DIGITS = /^(\d{8}|\d{12,14})$/;

/**
 * Whether the last digit follows from the others: from the right, they weigh 3, 1, 3, … and all sum up to a multiple of ten. Zeros
 * alone are no barcode.
 */
function hasCheckDigit(digits: string): boolean {
  const sum = [...digits].toReversed().reduce((all, digit, at) => all + Number(digit) * (at % 2 ? 3 : 1), 0);
  return sum > 0 && sum % 10 === 0;
}

/**
 * The one form in which barcodes are stored and compared: 14 digits. Zeros on the left do not change a check digit, so the UPC-A and
 * the EAN-13 of a product become equal.
 * @returns undefined for a text that is not a barcode.
 */
export const gtin14 = (text: string): string | undefined =>
  DIGITS.test(text) && hasCheckDigit(text) ? text.padStart(14, '0') : undefined;

/** A barcode of 8, 12, 13 or 14 digits. In code it has 14 digits. */
export const BarcodeField = (options: Omit<FieldOptions, 'example'>): PropertyDecorator =>
  field(
    {
      holds: 'String',
      read: (value) => (typeof value === 'string' ? (gtin14(value) ?? value) : value),
    },
    { ...options, example: '04006381333931' },
    { type: String, pattern: DIGITS.source, maxLength: 14 },
    [
      check('isGtin', (value) => DIGITS.test(value), '$property must have 8, 12, 13 or 14 digits'),
      check(
        'hasCheckDigit',
        hasCheckDigit,
        '$property must have the check digit that follows from its other digits; one of them is wrong',
      ),
    ],
  );

const check = (name: string, isValid: (text: string) => boolean, message: string): PropertyDecorator =>
  ValidateBy(
    { name, validator: { validate: (value: unknown) => typeof value === 'string' && isValid(value) } },
    { message },
  );
