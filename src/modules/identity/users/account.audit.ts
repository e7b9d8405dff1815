import { auditActions } from '../../../kernel/audit/actions.js';

export const accountAudit = auditActions('account', {
  created: 'The account was created.',
  deleted: 'The account and everything it owned were deleted.',
});

export const emailAudit = auditActions('email', {
  verified: 'The owner proved that mail to the address reaches them.',
  asked: 'A change of the address was requested; it takes effect when the new address is confirmed.',
  changed: 'The address of the account was changed; other sessions ended.',
});

export const passwordChangeAudit = auditActions('password', {
  changed: 'The password was changed; other sessions ended.',
});
