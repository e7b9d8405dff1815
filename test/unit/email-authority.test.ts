import { describe, expect, it } from 'vitest';
import { issuesAddress, ownDomains } from '../../src/modules/identity/providers/email-authority.js';
import { providerNames } from '../../src/modules/identity/providers/provider.js';

describe('the mail domains of a provider', () => {
  const everyDomain = Object.values(ownDomains).flat();

  it.each(providerNames)('18: %s issues the addresses of its own domains, and no other', (provider) => {
    const issued = everyDomain.filter((domain) => issuesAddress(provider, `ada@${domain}`));
    expect(issued).toEqual(ownDomains[provider]);
    for (const domain of everyDomain)
      for (const other of [
        `not${domain}`,
        `${domain}.example`,
        `mail.${domain}`,
        `"a@${domain}"@corp.example`,
      ])
        expect([other, issuesAddress(provider, other.includes('@') ? other : `ada@${other}`)]).toEqual([
          other,
          false,
        ]);
    expect([issuesAddress(provider, null), issuesAddress(provider, 'ada@corp.example')]).toEqual([
      false,
      false,
    ]);
  });
});
