import { Injectable } from '@nestjs/common';
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import { v7 as uuidv7 } from 'uuid';
import type { Actor } from '../../../kernel/http/actor.js';
import { Problem } from '../../../kernel/http/problem.js';
import { CountsQuota, type QuotaUse } from '../../../kernel/quotas/quota.js';
import { Clock } from '../../../platform/clock.js';
import { isDuplicate } from '../../../platform/database/errors.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { UsersService } from '../users/users.service.js';
import { PasskeyNotices } from './passkey-notices.js';
import { PasskeyChallenges } from './passkey-challenges.js';
import type { Passkey } from './passkey.entity.js';
import { readRegistration } from './passkey-response.js';
import { passkeysQuota } from './passkeys.quotas.js';
import { credentialHash, PasskeysRepository } from './passkeys.repository.js';
import { RelyingParty } from './relying-party.js';

/** Most passkeys per person. */
const MAX_PASSKEYS = 20;

/** Registration of passkeys. */
@Injectable()
export class PasskeyRegistration {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly passkeys: PasskeysRepository,
    private readonly challenges: PasskeyChallenges,
    private readonly party: RelyingParty,
    private readonly clock: Clock,
    private readonly notices: PasskeyNotices,
  ) {}

  /** Options for the device. */
  async options(userId: string): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const [user, known] = [await this.users.get(userId), await this.passkeys.list(userId)];
    return this.party.creationOptions(user, await this.challenges.issue(`register ${userId}`), known);
  }

  @CountsQuota(passkeysQuota)
  async usage(userId: string): Promise<QuotaUse> {
    return { limit: MAX_PASSKEYS, used: await this.passkeys.countOf(userId) };
  }

  /** @throws Problem `validation`, `invalid-passkey`, `too-many-passkeys`, `session-revoked` */
  async register(actor: Actor, name: string, response: object): Promise<Passkey> {
    const attested = await this.party.attested(readRegistration(response));
    if (!attested) throw new Problem('invalid-passkey');
    const { challenge, ...key } = attested;
    const { userId } = actor;
    return this.sessions.whileOpen(actor, async () => {
      if (!(await this.challenges.redeem(`register ${userId}`, challenge)))
        throw new Problem('invalid-passkey');
      if ((await this.passkeys.countOf(userId)) >= MAX_PASSKEYS) throw new Problem('too-many-passkeys');
      const passkey: Passkey = {
        ...key,
        id: uuidv7(),
        userId,
        credentialHash: credentialHash(key.credentialId),
        name,
        createdAt: this.clock.date(),
        lastUsedAt: null,
      };
      await this.insert(passkey);
      await this.notices.added(await this.users.get(userId), passkey);
      return passkey;
    });
  }

  /** Refuses a key that is already registered to any account (WebAuthn, 7.1). */
  private async insert(passkey: Passkey): Promise<void> {
    try {
      await this.passkeys.insert(passkey);
    } catch (error) {
      throw isDuplicate(error) ? new Problem('invalid-passkey') : error;
    }
  }
}
