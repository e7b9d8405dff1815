import { Injectable } from '@nestjs/common';
import type { ErrorCode } from '../../kernel/http/errors.js';
import { Problem } from '../../kernel/http/problem.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { type ChallengeDto, SignIns } from '../factors/public.js';
import { type Device, SessionsService, type SignedInDto, Tokens } from '../sessions/public.js';
import type { ExternalIdentity } from '../providers/public.js';
import { Admission } from './admission.js';
import { OAuthCodes } from './oauth-codes.js';
import { lookingAgain } from './races.js';
import { UsedIdTokens } from './used-id-tokens.js';

type SignedIn = SignedInDto | ChallengeDto;
/** A refusal is a result: what belongs to it, such as a letter, commits. */
type Outcome = { readonly signedIn: SignedIn } | { readonly refused: ErrorCode };

/** Signs in who comes from a provider, by what the app has got there. */
@Injectable()
export class ProviderSignInService {
  constructor(
    private readonly admission: Admission,
    private readonly signIns: SignIns,
    private readonly codes: OAuthCodes,
    private readonly idTokens: UsedIdTokens,
    private readonly sessions: SessionsService,
    private readonly tokens: Tokens,
    private readonly unitOfWork: UnitOfWork,
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
      const redeemed = await this.codes.redeem({ code, verifier, linkerId: null });
      if (!('identity' in redeemed)) {
        // Two have the code and its verifier: one of them is not the owner (RFC 6749, 4.1.2).
        if ('replayed' in redeemed && redeemed.replayed !== null)
          await this.sessions.close(redeemed.replayed);
        return { refused: 'invalid-grant' };
      }
      const outcome = await this.admit(redeemed.identity, device);
      const opened = 'signedIn' in outcome ? this.sessionOf(outcome.signedIn) : undefined;
      if (opened !== undefined) await this.codes.remember(code, opened);
      return outcome;
    });
  }

  private async admit(identity: ExternalIdentity, device: Device): Promise<Outcome> {
    const admitted = await this.admission.admit(identity);
    if ('refused' in admitted) return admitted;
    return { signedIn: await this.signIns.finish(admitted.userId, device) };
  }

  private async settle(work: () => Promise<Outcome>): Promise<SignedIn> {
    const outcome = await lookingAgain(this.unitOfWork, work);
    if ('refused' in outcome) throw new Problem(outcome.refused);
    return outcome.signedIn;
  }

  /** None yet, where a second factor is asked for. */
  private sessionOf(signedIn: SignedIn): string | undefined {
    return 'challenge' in signedIn ? undefined : this.tokens.readRefresh(signedIn.refresh_token)?.sessionId;
  }
}
