import type { ErrorKind } from './error-kind.js';

/** The errors of sign-in and of permissions: the part of the error catalogue about accounts. */
export const accessErrors = {
  'redirect-not-allowed': {
    status: 400,
    title: 'The redirect URI is not allowed',
    about:
      '`redirect_uri` must be exactly equal to one of the links in `APP_LINKS`. The operator of the service can add a link there.',
  },
  'sign-in-flow-broken': {
    status: 400,
    title: 'This sign-in cannot continue',
    about:
      'It took more than ten minutes, has already ended, or began in another browser or at another provider. Start the sign-in again.',
  },
  'invalid-grant': {
    status: 400,
    title: 'The sign-in code is not valid',
    about:
      'The code was used, is older than a minute, does not come from this service, was made for another person or purpose, or `code_verifier` does not match the start of the sign-in. Start the sign-in again.',
  },
  unauthenticated: {
    status: 401,
    title: 'Sign in first',
    about:
      'The access token is missing or does not come from this service. Send `Authorization: Bearer <access_token>`.',
  },
  'token-expired': {
    status: 401,
    title: 'The access token has expired',
    about: 'Call POST /api/auth/refresh once, then repeat the request with the new token.',
  },
  'invalid-signature': {
    status: 401,
    title: 'The request does not have the signature that its API key requires',
    about:
      'The signature is missing or wrong, its nonce was used before, or its time differs from the current time by more than 5 minutes. `detail` says which. Sign the request again with the current time and a new nonce.',
  },
  'invalid-credentials': {
    status: 401,
    title: 'E-mail or password is wrong',
    about: 'The answer is the same for an unknown address and for a wrong password.',
  },
  'invalid-id-token': {
    status: 401,
    title: 'The id_token is not valid',
    about:
      'It comes from another provider, is for another app, has expired, was used before, has another nonce, or is not an id_token (an access token of a provider is not one). Get a new one from the SDK.',
  },
  'invalid-refresh-token': {
    status: 401,
    title: 'Not a refresh token of this service',
    about:
      'The token is damaged or was signed with another secret. Other sessions are not affected. Sign in again.',
  },
  'session-expired': {
    status: 401,
    title: 'The session has expired',
    about:
      'It was not used for too long, or it reached its maximum age. Keep the local data and sign in again.',
  },
  'session-revoked': {
    status: 401,
    title: 'The session was ended',
    about:
      'The person signed out, revoked the session from another device, or the account was deleted. Keep the local data and sign in again.',
  },
  'token-reused': {
    status: 401,
    title: 'The refresh token was used again',
    about:
      'The token that replaced it is already in use, so somebody else may have a copy. The session was ended for safety. Sign in again.',
  },
  'invalid-code': {
    status: 401,
    title: 'The code is wrong',
    about:
      'It has a typing error, was already used, or is more than 30 seconds early or late. Wait for the next code. After 5 wrong codes the account is locked for up to 15 minutes.',
  },
  'challenge-expired': {
    status: 401,
    title: 'The challenge has expired',
    about:
      'The challenge was answered, got 5 wrong codes, is older than 5 minutes, or the password has changed since. Sign in again from the start.',
  },
  'invalid-passkey': {
    status: 401,
    title: 'The passkey is not accepted',
    about:
      'The passkey is unknown, is for another site, did not verify the person (by finger, face or PIN), or answers a challenge that was used or is older than 5 minutes. Get new options and try again, or sign in another way.',
  },
  'password-incorrect': {
    status: 403,
    title: 'The password is wrong',
    about: 'This operation needs the current password of the account. Nothing was changed.',
  },
  'email-unverified': {
    status: 403,
    title: 'Verify your e-mail address first',
    about:
      'Open the link in the mail, or get another mail with POST /api/auth/verify-email/resend. Then repeat the request; no new sign-in is needed.',
  },
  'codes-closed': {
    status: 403,
    title: 'Codes of the authenticator app are refused',
    about:
      'Too many wrong codes in a row were given for this account, so the code was not checked. Send a recovery code instead, which also makes codes of the app work again. Or sign in with a passkey, or with the `device_id` of a device on which the account was signed in before; a code that is given in a session makes codes of the app work again, too. A person who has none of these sets a new password by mail, which allows ten more codes, once a week.',
  },
  'step-up-required': {
    status: 403,
    title: 'Confirm your identity',
    about:
      'The last proof of identity is more than 10 minutes old. Send the password, and a code if the account has an authenticator app, to POST /api/auth/reauth, then repeat the request with the new access token. An account without a password signs in again: a new session counts as a new proof.',
  },
  'second-factor-required': {
    status: 403,
    title: 'Sign in with a second factor',
    about:
      'This operation needs a session that was opened with a second factor or a passkey. Set one up and sign in with it.',
  },
  forbidden: {
    status: 403,
    title: 'Your role does not allow this',
    about: 'The account does not have the role that the operation needs. Admins assign roles.',
  },
  'insufficient-scope': {
    status: 403,
    title: 'The API key is not allowed to do this',
    about:
      'The key does not have the scope, or the operation is not available to API keys: sign-in, sync, keys, grants and administration need a session.',
  },
  'account-disabled': {
    status: 403,
    title: 'The account is disabled',
    about:
      'The credentials were right, but an admin has disabled the account. Ask the operator of the service.',
  },
  'email-taken': {
    status: 409,
    title: 'There is already an account with this e-mail address',
    about: 'Sign in instead. If the response to your registration was lost, sign in with the same password.',
  },
  'totp-enabled': {
    status: 409,
    title: 'There is already an authenticator app',
    about: 'To use another app, remove this one first with DELETE /api/auth/totp.',
  },
  'totp-missing': {
    status: 409,
    title: 'There is no authenticator app',
    about: 'No authenticator app is set up or waits for confirmation. Start with POST /api/auth/totp.',
  },
  'last-credential': {
    status: 409,
    title: 'This is the last way to sign in',
    about: 'Set a password, link an account or add a passkey first.',
  },
  'too-many-passkeys': {
    status: 409,
    title: 'There are too many passkeys',
    about: 'An account can have at most 20. Remove one that is no longer needed.',
  },
  'email-required': {
    status: 409,
    title: 'The provider gave no e-mail address',
    about:
      'A new account needs one. Ask the person to share it with the app, or to register with an e-mail address.',
  },
  'link-required': {
    status: 409,
    title: 'Sign in another way, then link the provider',
    about:
      'There is an account with this e-mail address, and the provider cannot prove that the person owns it. Sign in the way you did before, then call POST /api/auth/identities. The owner of the address was informed by mail.',
  },
  'identity-taken': {
    status: 409,
    title: 'The provider account is linked to another account',
    about: 'Unlink it from that account first.',
  },
  'too-many-keys': {
    status: 409,
    title: 'There are too many API keys',
    about: 'An account can have at most 50, including expired ones. Revoke one that is no longer used.',
  },
  'too-many-grants': {
    status: 409,
    title: 'There are too many grants',
    about: 'An account can have at most 50 active grants. Revoke one that is no longer needed.',
  },
  'last-admin': {
    status: 409,
    title: 'This is the last admin',
    about: 'No other admin could sign in after this change. Give the role to another account first.',
  },
  'link-expired': {
    status: 410,
    title: 'The link no longer works',
    about:
      'It was used, a newer link was mailed, it is too old, or it does not come from this service. Request a new link.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many sign-in attempts',
    about:
      'There were too many attempts for this account or from this IP address. Wait `Retry-After` seconds. Until then even the right password is refused.',
  },
  'provider-unavailable': {
    status: 503,
    title: 'The provider does not answer',
    about:
      'Nobody was signed in, and your code or token can be sent again. Wait `Retry-After` seconds and repeat the request, or offer another way to sign in.',
  },
} as const satisfies Record<string, ErrorKind>;
