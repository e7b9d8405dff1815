import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Decision, settled } from '../../../kernel/http/decision.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { type ChallengeDto } from '../factors/factors.dto.js';
import { SignIns } from '../factors/sign-ins.js';
import type { Device } from '../sessions/sessions.service.js';
import type { SignedInDto } from '../sessions/sessions.dto.js';
import type { ExternalIdentity } from '../providers/provider.js';
import { Providers } from '../providers/providers.js';
import { Admission, type Refused } from './admission.js';
import type { IdTokenDto } from './identities.dto.js';
import { OAuthCodes } from './oauth-codes.js';
import { retryOnRace } from './retry-on-race.js';
import { RefusalLetters } from './refusal-letters.js';
import { UsedIdTokens } from './used-id-tokens.js';

type SignedIn = SignedInDto | ChallengeDto;

/** Sign-in with the id_token or code that the app got from a provider. */
@Injectable()
export class ProviderSignInService {
  constructor(
    private readonly providers: Providers,
    private readonly admission: Admission,
    private readonly signIns: SignIns,
    private readonly codes: OAuthCodes,
    private readonly idTokens: UsedIdTokens,
    private readonly unitOfWork: UnitOfWork,
    private readonly refusalLetters: RefusalLetters,
  ) {}

  /**
   * @throws Problem `not-found` for a provider that takes no id_token, `provider-unavailable`, `invalid-id-token`, also for
   * one that was used; `link-required`, `email-required`, `account-disabled`
   */
  async withIdToken(provider: string, { idToken, nonce }: IdTokenDto, device: Device): Promise<SignedIn> {
    const identity = await this.providers.identify(provider, idToken, nonce);
    return this.settle(async () => {
      await this.idTokens.use(idToken);
      return this.admit(identity, device);
    });
  }

  /** @throws Problem `invalid-grant`, `link-required`, `email-required`, `account-disabled` */
  withCode(code: string, verifier: string, device: Device): Promise<SignedIn> {
    return this.settle(async () => {
      const sessionId = uuidv7();
      const redeemed = await this.codes.redeem({ code, verifier, linkerId: null, sessionId });
      if (!('identity' in redeemed)) {
        // Two clients have the code and its verifier, and one of them is not the owner (RFC 6749, 4.1.2).
        if ('replayed' in redeemed && redeemed.replayed !== null) await this.signIns.undo(redeemed.replayed);
        return { refused: 'invalid-grant' };
      }
      return this.admit(redeemed.identity, device, sessionId);
    });
  }

  private async admit(
    identity: ExternalIdentity,
    device: Device,
    sessionId?: string,
  ): Promise<Decision<SignedIn> | Refused> {
    const admitted = await this.admission.admit(identity);
    return 'refused' in admitted ? admitted : this.signIns.finish(admitted.userId, device, sessionId);
  }

  private async settle(work: () => Promise<Decision<SignedIn> | Refused>): Promise<SignedIn> {
    const decided = await retryOnRace(this.unitOfWork, work);
    if ('owner' in decided) await this.refusalLetters.send(decided);
    return settled(decided);
  }
}
