import { IsObject } from 'class-validator';
import { field } from '../../kernel/http/field.js';

interface RecordFieldOptions {
  readonly description: string;
  /** `fields`: what clients write of a kind. `data`: what the service shows of it. */
  readonly of: 'fields' | 'data';
  /** The wire name of the field beside it that names the kind: the API's schema then has one variant for each kind. */
  readonly kind?: string;
  readonly optional?: boolean;
  readonly nullable?: boolean;
}

/**
 * A field with a record of any kind, in its wire form. The API's schema lists the kinds of the catalog. The kind checks the
 * content.
 */
export const RecordDataField = ({ of, kind, ...options }: RecordFieldOptions): PropertyDecorator =>
  field(
    { holds: 'Object' },
    { ...options, example: undefined },
    { type: Object, additionalProperties: true, 'x-records': of, 'x-kind-field': kind } as never,
    [IsObject()],
  );
