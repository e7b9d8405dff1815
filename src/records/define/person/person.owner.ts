import type { Owner, OwnerType } from '../owner.js';

/** The default owner type: a person with an account. */
export const personType: OwnerType = {
  name: 'person',
  table: 'users',
  column: 'user_id',
  sequences: 'user_sequences',
  epochs: 'sync_epochs',
  conflicts: 'conflict',
  timeZone: 'time_zone',
  missing: 'session-revoked',
};

export const person = (id: string): Owner => ({ type: personType, id });
