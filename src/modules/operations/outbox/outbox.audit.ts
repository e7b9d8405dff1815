import { auditActions } from '../../../kernel/audit/actions.js';

export const outboxAudit = auditActions('outbox', {
  read: 'An admin read the list of events that could not be delivered.',
  retried: 'An admin started new delivery attempts for such events.',
});
