import { auditActions } from '../../../kernel/audit/actions.js';

export const identityAudit = auditActions('identity', {
  linked: 'A provider account was linked; it can sign in from then on.',
  unlinked: 'A provider account was unlinked; it can no longer sign in.',
  refused: 'A sign-in with a provider account that has this address was refused.',
});
