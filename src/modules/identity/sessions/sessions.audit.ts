import { auditActions } from '../../../kernel/audit/actions.js';

export const sessionAudit = auditActions('session', {
  opened: 'Somebody signed in.',
  refused: 'A sign-in was refused: the password was wrong, or the account is closed.',
  ended: 'A device was signed out.',
  confirmed: 'The person proved their identity again.',
  reused: 'A refresh token was used twice; the session was ended.',
});

export const sessionsAudit = auditActions('sessions', {
  ended: 'All other devices were signed out.',
});

export const accessAudit = auditActions('access', {
  refused: 'A request was refused because the role of the account does not allow it.',
});
