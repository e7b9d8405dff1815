import { EmailField } from '../../../kernel/http/fields.js';
import { normalizeEmail } from './email.js';

/** An address that identifies an account, normalised like the stored ones. */
export const AddressField = (options: Parameters<typeof EmailField>[0]): PropertyDecorator =>
  EmailField({ ...options, normalize: normalizeEmail });
