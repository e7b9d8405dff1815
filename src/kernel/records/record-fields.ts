import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsDefined, IsObject, ValidateIf } from 'class-validator';
import { registerField } from '../http/wire.js';

interface RecordFieldOptions {
  readonly description: string;
  /** What may be written of a kind, or what is shown of it. */
  readonly of: 'fields' | 'data';
  readonly optional?: boolean;
  readonly nullable?: boolean;
}

/** A field that holds a record of whichever kind; the catalog says which there are, and the API's schema lists them. */
export const RecordDataField = ({
  description,
  of,
  optional = false,
  nullable = false,
}: RecordFieldOptions) =>
  applyDecorators(
    registerField('plain'),
    ApiProperty({
      description,
      type: Object,
      required: !optional,
      nullable,
      additionalProperties: true,
      'x-records': of,
    } as never),
    optional || nullable
      ? ValidateIf((_, value: unknown) => !(optional && value === undefined) && !(nullable && value === null))
      : IsDefined(),
    IsObject(),
  );
