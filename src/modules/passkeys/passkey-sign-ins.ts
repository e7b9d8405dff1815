import { Injectable } from '@nestjs/common';
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import { type Decision, settled } from '../../kernel/http/decision.js';
import { Problem } from '../../kernel/http/problem.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { Clock } from '../../platform/clock.js';
import type { Device, SignedInDto } from '../sessions/public.js';
import { PasskeyNews } from './passkey-news.js';
import { PasskeyChallenges } from './passkey-challenges.js';
import type { Passkey } from './passkey.entity.js';
import { readAssertion } from './passkey.wire.js';
import { PasskeysRepository } from './passkeys.repository.js';
import { type Asserted, RelyingParty } from './relying-party.js';
import { SignIns } from '../factors/public.js';

const INVALID = { refused: 'invalid-passkey' } as const;

/** Sign-ins with a passkey and nothing else: the device knows whose it is. */
@Injectable()
export class PasskeySignIns {
  constructor(
    private readonly passkeys: PasskeysRepository,
    private readonly challenges: PasskeyChallenges,
    private readonly party: RelyingParty,
    private readonly sequence: ChangeSequence,
    private readonly signIns: SignIns,
    private readonly clock: Clock,
    private readonly news: PasskeyNews,
  ) {}

  /** What the device is asked for; the same for everybody. */
  async options(): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return this.party.requestOptions(await this.challenges.issue('sign-in'));
  }

  /** @throws Problem `validation`, `invalid-passkey`, `account-disabled` */
  async signIn(response: object, device: Device): Promise<SignedInDto> {
    const read = readAssertion(response);
    const passkey = await this.passkeys.findByCredential(read.id);
    if (!passkey) throw new Problem('invalid-passkey');
    const asserted = await this.party.asserted(read, passkey);
    if (!asserted) {
      await this.news.refused(passkey);
      throw new Problem('invalid-passkey');
    }
    return settled(await this.sequence.change(passkey.userId, () => this.decide(passkey, asserted, device)));
  }

  private async decide(
    { id, userId }: Passkey,
    { challenge, counter, backedUp }: Asserted,
    device: Device,
  ): Promise<Decision<SignedInDto>> {
    const passkey = await this.passkeys.find(userId, id);
    if (!passkey) return INVALID;
    if (!(await this.challenges.redeem('sign-in', challenge))) {
      await this.news.refused(passkey);
      return INVALID;
    }
    if (goesBack(passkey.counter, counter)) {
      await this.news.copied(passkey);
      return INVALID;
    }
    await this.passkeys.update(userId, id, { counter, backedUp, lastUsedAt: this.clock.date() });
    // The device is one factor, the finger, face or PIN that it has verified another (NIST SP 800-63B).
    return this.signIns.open(userId, device, 2);
  }
}

/** A counter that does not rise means that there are two of the key (WebAuthn, 6.1.1); many devices do not count. */
const goesBack = (known: bigint, shown: bigint): boolean => (known > 0n || shown > 0n) && shown <= known;
