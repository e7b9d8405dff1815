import { auditActions } from '../../../kernel/audit/actions.js';

export const passwordAudit = auditActions('password', {
  forgotten: 'A link for setting a new password was mailed.',
  reset: 'The password was set with a mailed link; all sessions ended.',
  refused: 'A wrong password was given to confirm a request.',
});

export const takeoverAudit = auditActions('account', {
  taken: 'The owner of the address proved it; all earlier ways to sign in were removed.',
});

export const loginAudit = auditActions('session', {
  limited: 'Too many sign-in attempts; further ones were refused for a while.',
});
