import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { invalidField, Problem } from '../../../kernel/http/problem.js';
import { isDuplicate } from '../../../platform/database/errors.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AccountLetters } from '../users/account-letters.js';
import { UsersService } from '../users/users.service.js';
import { type ExternalIdentity, type ProviderName, providerTitles } from '../providers/provider.js';
import { Providers } from '../providers/providers.js';
import type { LinkDto } from './identities.dto.js';
import type { Identity } from './identity.entity.js';
import { Links } from './links.js';
import { OAuthCodes } from './oauth-codes.js';
import { UsedIdTokens } from './used-id-tokens.js';
import { identityLinkedLetter } from './identities.letters.js';

/** Links provider accounts to the account of a signed-in person. */
@Injectable()
export class LinkingService {
  constructor(
    private readonly providers: Providers,
    private readonly links: Links,
    private readonly idTokens: UsedIdTokens,
    private readonly codes: OAuthCodes,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly letters: AccountLetters,
  ) {}

  /**
   * Links by an id_token, or by the code of a flow that the person began.
   * @throws Problem `validation` unless exactly one of them is given, `not-found` for a provider that is not configured,
   * `invalid-id-token`, also for one that was used; `invalid-grant`, also for a code of somebody else's flow or of a sign-in;
   * `provider-unavailable`, `identity-taken`, `session-revoked`
   */
  async link(actor: Actor, { provider, idToken, nonce, code, codeVerifier }: LinkDto): Promise<Identity> {
    if ((idToken === undefined) === (code === undefined))
      throw invalidField('id_token', 'required', 'Send an id_token, or a code with its code_verifier');
    if (code !== undefined)
      return this.withCode(actor, this.providers.get(provider).name, code, codeVerifier ?? '');
    const identity = await this.providers.identify(provider, idToken ?? '', nonce);
    return this.withIdToken(actor, idToken ?? '', identity);
  }

  /** @param identity the verified contents of the id_token. */
  private withIdToken(actor: Actor, idToken: string, identity: ExternalIdentity): Promise<Identity> {
    return this.sessions.whileOpen(actor, async () => {
      await this.idTokens.use(idToken);
      return this.add(actor.userId, identity);
    });
  }

  private withCode(actor: Actor, provider: ProviderName, code: string, verifier: string): Promise<Identity> {
    const { userId } = actor;
    return this.sessions.whileOpen(actor, async () => {
      const redeemed = await this.codes.redeem({ code, verifier, linkerId: userId, sessionId: null });
      if (!('identity' in redeemed) || redeemed.identity.provider !== provider)
        throw new Problem('invalid-grant');
      return this.add(userId, redeemed.identity);
    });
  }

  /** Linking an identity again changes nothing. Under the person's lock. */
  private async add(userId: string, identity: ExternalIdentity): Promise<Identity> {
    const known = await this.links.find(identity);
    if (known?.userId === userId) return known;
    if (known) throw new Problem('identity-taken');
    try {
      const linked = await this.links.add(userId, identity);
      await this.letters.send(await this.users.get(userId), identityLinkedLetter, {
        link: this.letters.help,
        provider: providerTitles[identity.provider],
      });
      return linked;
    } catch (error) {
      throw isDuplicate(error) ? new Problem('identity-taken') : error;
    }
  }
}
