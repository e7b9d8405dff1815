import { auditActions } from '../../../kernel/audit/actions.js';

export const administrationAudit = auditActions('account', {
  listed: 'An admin saw the account in a list.',
  read: 'An admin viewed the account, without its health data.',
  disabled: 'An admin closed the account; all sessions ended.',
  enabled: 'An admin reopened the account.',
  renewed:
    'The account became an admin account. Its password and sessions ended; if the address was not verified, all other ways to sign in were removed too.',
});

export const roleAudit = auditActions('role', {
  changed: 'An admin changed the role of the account.',
});
