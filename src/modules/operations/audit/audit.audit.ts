import { auditActions } from '../../../kernel/audit/actions.js';

export const auditAudit = auditActions('audit', {
  read: 'An admin read the audit log.',
});
