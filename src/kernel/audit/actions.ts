/** Everything that is written down about accounts, and what it means to the person who reads it. */
export const auditActions = {
  'account.created': 'The account was made.',
  'account.deleted': 'The account was deleted, with all it owned.',
  'session.opened': 'Somebody signed in.',
  'session.refused': 'Somebody tried to sign in with a wrong password.',
  'session.ended': 'A device was signed out.',
  'sessions.ended': 'All other devices were signed out.',
  'session.confirmed': 'Somebody proved once more who they are.',
  'session.reused': 'A used refresh token was presented again; the session was ended.',
  'email.verified': 'The address was shown to belong to the owner of the account.',
  'email.changed': 'The address of the account was changed; other sessions ended.',
  'password.forgotten': 'A link to set a new password was mailed.',
  'password.reset': 'The password was set by a mailed link; all sessions ended.',
  'password.changed': 'The password was changed; other sessions ended.',
  'password.refused': 'A wrong password was given where it confirms something.',
} as const;

export type AuditAction = keyof typeof auditActions;
