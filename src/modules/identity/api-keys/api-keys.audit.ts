import { auditActions } from '../../../kernel/audit/actions.js';

export const keyAudit = auditActions('key', {
  created: 'An API key was created.',
  revoked: 'An API key was revoked.',
});
