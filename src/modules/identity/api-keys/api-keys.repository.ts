import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, LessThan, LessThanOrEqual, MoreThan, Repository } from 'typeorm';
import { User } from '../users/user.entity.js';
import { ApiKeyNonce } from './api-key-nonce.entity.js';
import { ApiKey } from './api-key.entity.js';

@Injectable()
export class ApiKeysRepository {
  constructor(
    @InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>,
    @InjectRepository(ApiKeyNonce) private readonly nonces: Repository<ApiKeyNonce>,
  ) {}

  async insert(key: ApiKey): Promise<void> {
    await this.keys.insert(key);
  }

  /** The keys of one person, the newest first, expired ones included. */
  list(userId: string): Promise<ApiKey[]> {
    return this.keys.find({ where: { userId }, order: { createdAt: 'DESC', id: 'DESC' } });
  }

  countOf(userId: string): Promise<number> {
    return this.keys.countBy({ userId });
  }

  /** Finds the key if it has not expired and its owner's account is open. */
  findUsable(id: string, now: Date): Promise<ApiKey | null> {
    return this.keys
      .createQueryBuilder('key')
      .innerJoin(User, 'owner', 'owner.id = key.userId AND owner.disabledAt IS NULL')
      .where({ id, expiresAt: MoreThan(now) })
      .getOne();
  }

  /** @returns whether the key existed and belonged to the person. */
  async remove(userId: string, id: string): Promise<boolean> {
    const { affected } = await this.keys.delete({ userId, id });
    return affected === 1;
  }

  /** Records one use per interval: only if none was recorded since `notedBefore`. @returns whether this call recorded it. */
  async noteUse(id: string, at: Date, notedBefore: Date): Promise<boolean> {
    const { affected } = await this.keys
      .createQueryBuilder()
      .update({ lastUsedAt: at })
      .where([
        { id, lastUsedAt: IsNull() },
        { id, lastUsedAt: LessThanOrEqual(notedBefore) },
      ])
      .execute();
    return affected === 1;
  }

  wasUsed(keyId: string, nonce: string): Promise<boolean> {
    return this.nonces.existsBy({ keyId, nonce });
  }

  /** @throws a duplicate-key error for a used nonce, a foreign-key error when the key was deleted. */
  async useUp(nonce: ApiKeyNonce): Promise<void> {
    await this.nonces.insert(nonce);
  }

  async forgetNonces(keyId: string, now: Date): Promise<void> {
    await this.nonces.delete({ keyId, expiresAt: LessThan(now) });
  }
}
