import type { ErrorKind } from './error-kind.js';

/** Why somebody does not get in, or may not do something: the part of the catalogue that accounts fill. */
export const accessErrors = {
  'redirect-not-allowed': {
    status: 400,
    title: 'Not a link of the app',
    about:
      '`redirect_uri` must be, to the letter, one of the links in `APP_LINKS`. Nothing near it will do: who runs the service adds it there.',
  },
  'sign-in-flow-broken': {
    status: 400,
    title: 'This sign-in does not go on',
    about:
      'It took more than ten minutes, has ended already, or began in another browser or at another provider. Begin anew.',
  },
  'invalid-grant': {
    status: 400,
    title: 'The code does not sign in',
    about:
      'It was used, is older than a minute, is none of ours, was made for somebody or something else, or `code_verifier` is not the one it was begun with. Begin anew.',
  },
  unauthenticated: {
    status: 401,
    title: 'Sign in first',
    about: 'No access token, or not one of ours. Send `Authorization: Bearer <access_token>`.',
  },
  'token-expired': {
    status: 401,
    title: 'The access token has expired',
    about: 'Call POST /api/auth/refresh once and repeat the request with the new token.',
  },
  'invalid-signature': {
    status: 401,
    title: 'The request is not signed as its API key demands',
    about:
      'The signature is missing or wrong, its nonce was used, or its time is more than 5 minutes away; `detail` says which. Sign again, with the time of now and a new nonce.',
  },
  'invalid-credentials': {
    status: 401,
    title: 'E-mail or password is wrong',
    about: 'The answer is the same for an unknown address and for a wrong password.',
  },
  'invalid-id-token': {
    status: 401,
    title: 'The id_token proves nothing',
    about:
      'It is not of this provider, not for this app, expired, used before, has another nonce, or is no id_token at all: an access token of a provider is none. Get a new one from the SDK.',
  },
  'invalid-refresh-token': {
    status: 401,
    title: 'Not a refresh token of this service',
    about:
      'The token is garbled or was made with another secret. Other sessions are not affected. Sign in again.',
  },
  'session-expired': {
    status: 401,
    title: 'The session has expired',
    about: 'It was idle or alive for too long. Keep local data, sign in again.',
  },
  'session-revoked': {
    status: 401,
    title: 'The session was ended',
    about: 'Signed out, revoked from another device, or the account is gone. Keep local data, sign in again.',
  },
  'token-reused': {
    status: 401,
    title: 'A used refresh token was presented again',
    about:
      'Its successor is already in use, so one of the two holders is not the owner: the session was ended. Sign in again.',
  },
  'invalid-code': {
    status: 401,
    title: 'The code is wrong',
    about:
      'Mistyped, used already, or more than 30 seconds early or late: wait for the next one. Of 5 wrong ones the account waits for up to 15 minutes.',
  },
  'challenge-expired': {
    status: 401,
    title: 'The sign-in must begin anew',
    about:
      'The challenge was answered, has had 5 wrong codes, is older than 5 minutes, or the password has changed meanwhile. Sign in again.',
  },
  'invalid-passkey': {
    status: 401,
    title: 'The passkey is not accepted',
    about:
      'Not one of ours, for another site, without the finger, face or PIN, or an answer to a challenge that was used or is older than 5 minutes. Ask for new options and try again, or sign in by other means.',
  },
  'password-incorrect': {
    status: 403,
    title: 'The password is wrong',
    about: 'The action needs the current password of the account. Nothing was changed.',
  },
  'email-unverified': {
    status: 403,
    title: 'Show first that the address is yours',
    about:
      'Follow the link that was mailed, or ask for another: POST /api/auth/verify-email/resend. Nothing else has to be sent anew.',
  },
  'step-up-required': {
    status: 403,
    title: 'Confirm who you are',
    about:
      'The last proof is more than 10 minutes ago. Send the password to POST /api/auth/reauth, and repeat the request with the access token it answers. Who has no password signs in again: a new session is fresh.',
  },
  'second-factor-required': {
    status: 403,
    title: 'Sign in with a second factor',
    about:
      'This is for sessions that were opened with a second factor or a passkey. Set one up, and sign in with it.',
  },
  forbidden: {
    status: 403,
    title: 'This is not for your role',
    about: 'The account has not the role the operation asks for. Roles are given by admins.',
  },
  'insufficient-scope': {
    status: 403,
    title: 'The API key may not do this',
    about:
      'It lacks the scope, or the operation is not for API keys at all: sign-in, sync, keys, grants and administration need a session.',
  },
  'account-disabled': {
    status: 403,
    title: 'The account is disabled',
    about: 'The proof was right, but an admin has closed the account. Ask those who run the service.',
  },
  'email-taken': {
    status: 409,
    title: 'There is already an account with this e-mail address',
    about: 'Sign in instead. After a lost response to a registration, sign in with the same password.',
  },
  'totp-enabled': {
    status: 409,
    title: 'There is an authenticator app already',
    about: 'To use another one, take this one away first: DELETE /api/auth/totp.',
  },
  'totp-missing': {
    status: 409,
    title: 'There is no authenticator app',
    about: 'Nothing waits to be confirmed, or nothing was. Begin with POST /api/auth/totp.',
  },
  'last-credential': {
    status: 409,
    title: 'This is the last way to sign in',
    about: 'Set a password, link an account or add a passkey first.',
  },
  'too-many-passkeys': {
    status: 409,
    title: 'There are too many passkeys',
    about: 'At most 20 for an account. Remove one that is not needed any more.',
  },
  'email-required': {
    status: 409,
    title: 'The provider gave no address of mail',
    about: 'A new account needs one. Ask the person to share it with the app, or to sign up with an address.',
  },
  'link-required': {
    status: 409,
    title: 'Sign in as before, then link the provider',
    about:
      'The provider cannot prove that the person may have what is kept under this address. Sign in as before, then call POST /api/auth/identities. The owner of the address has been told.',
  },
  'identity-taken': {
    status: 409,
    title: 'It signs in to another account',
    about: 'The account at the provider is linked elsewhere. Unlink it there first.',
  },
  'too-many-keys': {
    status: 409,
    title: 'There are too many API keys',
    about: 'At most 50, expired ones included. Revoke one that is not used any more.',
  },
  'too-many-grants': {
    status: 409,
    title: 'There are too many grants',
    about: 'At most 50 hold at a time. Revoke one that is not needed any more.',
  },
  'last-admin': {
    status: 409,
    title: 'Nobody would be left to keep the accounts',
    about: 'This is the last admin who can sign in. Give the role to another account first.',
  },
  'link-expired': {
    status: 410,
    title: 'The link does not work any more',
    about: 'It was used, a newer one was mailed, it is too old, or it is none of ours. Ask for a new one.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many sign-in attempts',
    about:
      'For this account or from this address. Wait for `Retry-After` seconds; the right password is not tried before.',
  },
  'provider-unavailable': {
    status: 503,
    title: 'The provider does not answer',
    about:
      'Nobody was signed in, and nothing is used up. Wait for `Retry-After` seconds and repeat, or offer another way to sign in.',
  },
} as const satisfies Record<string, ErrorKind>;
