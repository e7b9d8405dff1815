import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { EmailField } from '../../kernel/http/fields.js';
import { normalizeEmail } from './email.js';

/** An address that names an account: compared as accounts keep theirs. */
export const AddressField = (options: Parameters<typeof EmailField>[0]): PropertyDecorator =>
  applyDecorators(
    EmailField(options),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? normalizeEmail(value) : value)),
  );
