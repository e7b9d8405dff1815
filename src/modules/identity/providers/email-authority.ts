import type { ProviderName } from './provider.js';

/**
 * The mail domains that a provider runs itself. Of an address at any other domain the provider only knows that somebody
 * received a mail there once; the address may belong to another person today.
 *
 * - Google: https://developers.google.com/identity/gsi/web/guides/verify-google-id-token
 * - Apple: https://support.apple.com/en-us/105078 and the private relay of "Hide My Email"
 */
export const ownDomains: Readonly<Record<ProviderName, readonly string[]>> = {
  google: ['gmail.com', 'googlemail.com'],
  apple: ['icloud.com', 'me.com', 'mac.com', 'privaterelay.appleid.com'],
  facebook: [],
  github: [],
};

/** Whether the provider issues the address itself, so that nobody else can have it. @param email normalised */
export const issuesAddress = (provider: ProviderName, email: string | null): boolean =>
  email !== null && ownDomains[provider].includes(email.slice(email.lastIndexOf('@') + 1));
