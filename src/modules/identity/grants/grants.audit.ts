import { auditActions } from '../../../kernel/audit/actions.js';

export const grantAudit = auditActions('grant', {
  created: 'Read access to some of the data was granted for a limited time.',
  revoked: 'Read access was revoked.',
});

export const dataAudit = auditActions('data', {
  read: 'A person read data that was shared with them.',
});
