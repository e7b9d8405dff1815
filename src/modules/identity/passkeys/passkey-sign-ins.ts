import { Injectable } from '@nestjs/common';
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import { type Decision, settled } from '../../../kernel/http/decision.js';
import { Problem } from '../../../kernel/http/problem.js';
import { PersonLock, unlessGone } from '../../../kernel/person-lock.js';
import { Clock } from '../../../platform/clock.js';
import type { Device } from '../sessions/sessions.service.js';
import type { SignedInDto } from '../sessions/sessions.dto.js';
import { PasskeyNotices } from './passkey-notices.js';
import { PasskeyChallenges } from './passkey-challenges.js';
import type { Passkey } from './passkey.entity.js';
import { readAssertion } from './passkey-response.js';
import { PasskeysRepository } from './passkeys.repository.js';
import { type Asserted, RelyingParty } from './relying-party.js';
import { SignIns } from '../factors/sign-ins.js';

const INVALID = { refused: 'invalid-passkey' } as const;

/** Sign-ins with a passkey alone: the passkey identifies the account. */
@Injectable()
export class PasskeySignIns {
  constructor(
    private readonly passkeys: PasskeysRepository,
    private readonly challenges: PasskeyChallenges,
    private readonly party: RelyingParty,
    private readonly lock: PersonLock,
    private readonly signIns: SignIns,
    private readonly clock: Clock,
    private readonly notices: PasskeyNotices,
  ) {}

  /** Options for the device, the same for everybody. */
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
      await this.notices.refused(passkey);
      throw new Problem('invalid-passkey');
    }
    const decided = await unlessGone('invalid-passkey', () =>
      this.lock.hold(passkey.userId, () => this.decide(passkey, asserted, device)),
    );
    return settled(decided);
  }

  private async decide(
    { id, userId }: Passkey,
    { challenge, counter, backedUp }: Asserted,
    device: Device,
  ): Promise<Decision<SignedInDto>> {
    const passkey = await this.passkeys.find(userId, id);
    if (!passkey) return INVALID;
    if (!(await this.challenges.redeem('sign-in', challenge))) {
      await this.notices.refused(passkey);
      return INVALID;
    }
    if (goesBack(passkey.counter, counter)) {
      await this.notices.copied(passkey);
      return INVALID;
    }
    await this.passkeys.update(userId, id, { counter, backedUp, lastUsedAt: this.clock.date() });
    // The device is one factor; the finger, face or PIN that it verified is the other (NIST SP 800-63B).
    return this.signIns.open(userId, device, id);
  }
}

/** A counter that does not rise means that the key was copied (WebAuthn, 6.1.1); many devices do not count. */
const goesBack = (known: bigint, shown: bigint): boolean => (known > 0n || shown > 0n) && shown <= known;
