import { auditActions } from '../../../kernel/audit/actions.js';

export const passkeyAudit = auditActions('passkey', {
  added: 'A passkey was added.',
  removed: 'A passkey was removed; other sessions ended.',
  refused: 'A sign-in with a passkey was refused because its answer was invalid.',
  copied: 'A passkey was refused because it has been copied.',
});
