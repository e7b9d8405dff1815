import { Injectable } from '@nestjs/common';
import { Problem } from '../../kernel/http/problem.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { isDuplicate } from '../../platform/database/errors.js';
import { AccountLetters, UsersService } from '../users/public.js';
import { type ExternalIdentity, type ProviderName, providerTitles } from '../providers/public.js';
import type { Identity } from './identity.entity.js';
import { Links } from './links.js';
import { OAuthCodes } from './oauth-codes.js';
import { UsedIdTokens } from './used-id-tokens.js';

/** Somebody who is signed in adds a way to sign in. */
@Injectable()
export class LinkingService {
  constructor(
    private readonly links: Links,
    private readonly idTokens: UsedIdTokens,
    private readonly codes: OAuthCodes,
    private readonly users: UsersService,
    private readonly letters: AccountLetters,
    private readonly sequence: ChangeSequence,
  ) {}

  /**
   * @param identity what the id_token says, verified.
   * @throws Problem `invalid-id-token` for one that was used, `identity-taken`
   */
  withIdToken(userId: string, idToken: string, identity: ExternalIdentity): Promise<Identity> {
    return this.sequence.change(userId, async () => {
      await this.idTokens.use(idToken);
      return this.link(userId, identity);
    });
  }

  /**
   * @param provider the one the person means.
   * @throws Problem `invalid-grant`, also for a code that somebody else began, or that was to sign in; `identity-taken`
   */
  withCode(userId: string, provider: ProviderName, code: string, verifier: string): Promise<Identity> {
    return this.sequence.change(userId, async () => {
      const redeemed = await this.codes.redeem({ code, verifier, linkerId: userId, sessionId: null });
      if (!('identity' in redeemed) || redeemed.identity.provider !== provider)
        throw new Problem('invalid-grant');
      return this.link(userId, redeemed.identity);
    });
  }

  /** Linking what is linked changes nothing. Under the person's lock. */
  private async link(userId: string, identity: ExternalIdentity): Promise<Identity> {
    const known = await this.links.find(identity);
    if (known?.userId === userId) return known;
    if (known) throw new Problem('identity-taken');
    try {
      const linked = await this.links.add(userId, identity);
      await this.letters.identityLinked(await this.users.get(userId), providerTitles[identity.provider]);
      return linked;
    } catch (error) {
      throw isDuplicate(error) ? new Problem('identity-taken') : error;
    }
  }
}
