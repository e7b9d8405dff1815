import { auditActions } from '../../../kernel/audit/actions.js';

export const factorAudit = auditActions('factor', {
  enabled: 'Signing in now requires a code of an authenticator app; other sessions ended.',
  disabled: 'Signing in no longer requires a code; other sessions ended.',
  asked: 'The first proof of a sign-in was correct; a code was requested.',
  refused: 'A wrong code was given.',
  limited: 'Too many wrong codes; further ones were refused for a while.',
  closed: 'Too many wrong codes in a row; codes of the app were refused from then on.',
});

export const recoveryCodeAudit = auditActions('recovery-code', {
  used: 'Somebody signed in with a recovery code.',
});

export const recoveryCodesAudit = auditActions('recovery-codes', {
  renewed: 'New recovery codes were created; the old ones no longer work.',
});
