import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import { Clock } from '../../../platform/clock.js';
import type { ExternalIdentity } from '../providers/provider.js';
import { IdentitiesRepository } from './identities.repository.js';
import type { Identity } from './identity.entity.js';
import { identityAudit } from './identities.audit.js';

/** Links between identities and accounts. */
@Injectable()
export class Links {
  constructor(
    private readonly identities: IdentitiesRepository,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  find({ issuer, subject }: ExternalIdentity): Promise<Identity | null> {
    return this.identities.find(issuer, subject);
  }

  /** Joins the caller's unit of work. @throws a duplicate-key error when it is linked already */
  async add(userId: string, { provider, issuer, subject, email }: ExternalIdentity): Promise<Identity> {
    const now = this.clock.date();
    const identity: Identity = {
      id: uuidv7(),
      userId,
      provider,
      issuer,
      subject,
      email,
      createdAt: now,
      lastUsedAt: now,
    };
    await this.identities.insert(identity);
    await this.audit.record({
      action: identityAudit.linked,
      actor: userId,
      subject: userId,
      target: identity.id,
    });
    return identity;
  }

  /** Records a use of the identity. Joins the caller's unit of work. @returns whether it is still linked. */
  use({ id }: Identity, { email }: ExternalIdentity): Promise<boolean> {
    return this.identities.touch(id, { email, lastUsedAt: this.clock.date() });
  }
}
