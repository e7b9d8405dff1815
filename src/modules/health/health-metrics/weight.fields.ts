import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { NumberField, StringField } from '../../../kernel/http/fields.js';
import { NoOuterSpace } from './health-metrics.fields.js';
import {
  MAX_KG,
  MIN_KG,
  RANGE_BY_UNIT,
  toKilograms,
  WEIGHT_UNIT,
  WEIGHT_UNITS,
} from '../../../kernel/quantities/weight.js';

/* The fields of a weight, described once for all DTOs that contain them. */

export const ID = '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10';
export const USER_ID = '019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33';
export const weightValue = {
  description:
    'Body weight as entered, in `unit`; returned unchanged. 1 to 700 kg, which is 2.21 to 1543.2 lb or 0.158 to 110.2 st.',
  example: 75.5,
};
export const unit = { ...WEIGHT_UNIT, description: 'Unit of `weight_value`.', example: 'kg' };
export const timestamp = {
  description:
    'When it was measured: ISO 8601 with an offset; returned in UTC. At most 24 hours after the time of the service.',
  example: '2026-01-06T20:30:00.000Z',
};
export const version = {
  description: 'How often the entry changed: 1, 2, 3 …',
  example: 1,
  min: 1,
  max: 2_147_483_647,
};
export const localId = {
  description: 'The phone’s own id of the entry, by which a retry is recognised. It belongs to the device.',
  example: 'local-123',
  max: 64,
};
export const serverId = { description: 'Id of the entry on the server.', example: ID };
export const createdAt = {
  description: 'When the service stored the first version.',
  example: '2026-01-06T20:30:05.000Z',
};
export const updatedAt = {
  description:
    'When the service stored the newest version. Changes of one request share it; those of a later request have a later one.',
  example: '2026-01-06T20:30:05.000Z',
};
export const modifiedAt = {
  description: 'When the person made the edit, by the device’s clock. The newest edit wins.',
  example: '2026-01-06T20:30:02.000Z',
};

export const LocalIdField = () => applyDecorators(StringField(localId), NoOuterSpace());

/** A plausible body weight; the check converts it to kilograms. */
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

/** The range over all units, because JSON Schema has no range that depends on another field; our client reads the extension. */
const IN_ANY_UNIT = {
  minimum: 0.15,
  maximum: 1_544,
  'x-range-by': { field: 'unit', ranges: RANGE_BY_UNIT },
};

export const WeightField = (options: { optional?: boolean; nullable?: boolean } = {}) =>
  applyDecorators(
    NumberField({ ...weightValue, ...options }),
    IsBodyWeight(),
    ApiProperty({ ...IN_ANY_UNIT, required: !options.optional } as ApiPropertyOptions),
  );
