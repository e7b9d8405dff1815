import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { invalidField, Problem } from '../../../kernel/http/problem.js';
import { CountsQuota, type QuotaUse } from '../../../kernel/quotas/quota.js';
import { Clock } from '../../../platform/clock.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AccountLetters } from '../users/account-letters.js';
import { UsersService } from '../users/users.service.js';
import type { ApiKey } from './api-key.entity.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { writeKey } from './key-text.js';
import { RequestSignatures } from './request-signatures.js';
import { digest, randomToken } from '../../../platform/random-token.js';
import { keyAudit } from './api-keys.audit.js';
import { apiKeysQuota } from './api-keys.quotas.js';
import { apiKeyCreatedLetter } from './api-keys.letters.js';

export const MAX_KEYS = 50;
/** Longest lifetime, in days. Every key expires, so that a forgotten key does not work for ever. */
export const MAX_DAYS = 366;
const DAY_MS = 86_400_000;

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt?: Date | undefined;
  readonly requiresSignature?: boolean | undefined;
}

/** A key with its secrets, which are shown only once. */
export interface MadeKey {
  readonly row: ApiKey;
  readonly key: string;
  readonly signingSecret: string | null;
}

/** A person's API keys, which only sessions can create, list and revoke. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly signatures: RequestSignatures,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly letters: AccountLetters,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /** @throws Problem `validation`, `too-many-keys`, `session-revoked` */
  create(actor: Actor, input: NewKey): Promise<MadeKey> {
    const { userId } = actor;
    const made = this.make(userId, input);
    return this.sessions.whileOpen(actor, async () => {
      if ((await this.keys.countOf(userId)) >= MAX_KEYS) throw new Problem('too-many-keys');
      const owner = await this.users.get(userId);
      await this.keys.insert(made.row);
      await this.audit.record({
        action: keyAudit.created,
        actor: owner,
        subject: owner,
        target: made.row.id,
      });
      await this.letters.send(owner, apiKeyCreatedLetter, {
        link: this.letters.help,
        keyName: made.row.name,
      });
      return made;
    });
  }

  list({ userId }: Actor): Promise<ApiKey[]> {
    return this.keys.list(userId);
  }

  @CountsQuota(apiKeysQuota)
  async usage(userId: string): Promise<QuotaUse> {
    return { limit: MAX_KEYS, used: await this.keys.countOf(userId) };
  }

  /** @throws Problem `not-found`, `session-revoked` */
  revoke(actor: Actor, id: string): Promise<void> {
    const { userId } = actor;
    return this.sessions.whileOpen(actor, async () => {
      if (!(await this.keys.remove(userId, id))) throw new Problem('not-found');
      await this.audit.record({ action: keyAudit.revoked, actor: userId, subject: userId, target: id });
    });
  }

  private make(userId: string, { name, scopes, expiresAt, requiresSignature }: NewKey): MadeKey {
    const createdAt = this.clock.date();
    const [id, secret] = [uuidv7(), randomToken()];
    const signingSecret = requiresSignature ? randomToken() : null;
    const row: ApiKey = {
      id,
      userId,
      name,
      scopes,
      secretHash: digest(secret),
      signingSecret: signingSecret === null ? null : this.signatures.seal(signingSecret, id),
      createdAt,
      expiresAt: endOf(expiresAt, createdAt),
      lastUsedAt: null,
    };
    return { row, key: writeKey(id, secret), signingSecret };
  }
}

function endOf(asked: Date | undefined, now: Date): Date {
  const last = new Date(now.getTime() + MAX_DAYS * DAY_MS);
  if (asked && (asked <= now || asked > last))
    throw invalidField('expires_at', 'out-of-range', `expires_at must be within the next ${MAX_DAYS} days`);
  return asked ?? last;
}
