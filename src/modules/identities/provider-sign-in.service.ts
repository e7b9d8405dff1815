import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Decision, settled } from '../../kernel/http/decision.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { type ChallengeDto, SignIns } from '../factors/public.js';
import type { Device, SignedInDto } from '../sessions/public.js';
import type { ExternalIdentity } from '../providers/public.js';
import { Admission, type Refused } from './admission.js';
import { OAuthCodes } from './oauth-codes.js';
import { lookingAgain } from './races.js';
import { Refusals } from './refusals.js';
import { UsedIdTokens } from './used-id-tokens.js';

type SignedIn = SignedInDto | ChallengeDto;

/** Signs in who comes from a provider, by what the app has got there. */
@Injectable()
export class ProviderSignInService {
  constructor(
    private readonly admission: Admission,
    private readonly signIns: SignIns,
    private readonly codes: OAuthCodes,
    private readonly idTokens: UsedIdTokens,
    private readonly unitOfWork: UnitOfWork,
    private readonly refusals: Refusals,
  ) {}

  /**
   * @param identity what the id_token says, verified.
   * @throws Problem `invalid-id-token` for one that was used, `link-required`, `email-required`, `account-disabled`
   */
  withIdToken(idToken: string, identity: ExternalIdentity, device: Device): Promise<SignedIn> {
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
        // Two have the code and its verifier: one of them is not the owner (RFC 6749, 4.1.2).
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
    const decided = await lookingAgain(this.unitOfWork, work);
    if ('owner' in decided) await this.refusals.tell(decided);
    return settled(decided);
  }
}
