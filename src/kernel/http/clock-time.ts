import { CodeField } from './fields.js';
import type { FieldOptions } from './field.js';

/** A time of the day on some clock, `HH:MM`. */
export const ClockTimeField = (options: FieldOptions): PropertyDecorator =>
  CodeField({
    ...options,
    pattern: /^([01]\d|2[0-3]):[0-5]\d$/,
    mustBe: 'a time from 00:00 to 23:59',
    max: 5,
  });
