import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import { NumberField } from '../../kernel/http/fields.js';
import { MAX_KG, MIN_KG, toKilograms, WEIGHT_UNITS } from '../../kernel/quantities/weight.js';

/* What the fields of a weight mean, said once for all the shapes they appear in. */

export const ID = '0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33';
export const weightValue = {
  description: 'Body weight as entered, in `unit`; comes back unchanged. 1 to 700 kg.',
  example: 75.5,
};
export const unit = {
  description: 'Unit of `weight_value`: kilogram, avoirdupois pound, stone.',
  example: 'kg',
  values: WEIGHT_UNITS,
  name: 'WeightUnit',
};
export const timestamp = { description: 'When it was measured.', example: '2026-01-06T20:30:00.000Z' };
export const version = {
  description: 'How often the entry was changed: 1, 2, 3 …',
  example: 1,
  min: 1,
  max: 2_147_483_647,
};
export const localId = {
  description: 'The phone’s own id of the entry, kept for retries. Private to the device.',
  example: 'local-123',
  max: 64,
};
export const serverId = { description: 'Id of the entry on the server.', example: ID };
export const createdAt = {
  description: 'When the server stored it first.',
  example: '2026-01-06T20:30:05.000Z',
};
export const updatedAt = {
  description: 'When the server stored its newest version; strictly increasing over all changes of a person.',
  example: '2026-01-06T20:30:05.000Z',
};
export const modifiedAt = {
  description: 'When the person made the edit, by the device’s clock. The newest edit wins.',
  example: '2026-01-06T20:30:02.000Z',
};

/** A weight a person can have, judged in kilograms. */
const IsBodyWeight = () =>
  ValidateBy({
    name: 'isBodyWeight',
    validator: {
      validate: (value: unknown, args) => {
        const entered = (args?.object as { unit?: unknown } | undefined)?.unit;
        const unitName = WEIGHT_UNITS.find((name) => name === entered);
        const kg = unitName && typeof value === 'number' ? toKilograms(value, unitName) : undefined;
        return kg === undefined || (kg >= MIN_KG && kg <= MAX_KG);
      },
      defaultMessage: () => `$property must be between ${MIN_KG} and ${MAX_KG} kg, or the same in its unit`,
    },
  });

export const WeightField = (options: { optional?: boolean; nullable?: boolean } = {}) =>
  applyDecorators(NumberField({ ...weightValue, ...options }), IsBodyWeight());
