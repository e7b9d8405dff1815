import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, LessThanOrEqual, MoreThan, Repository } from 'typeorm';
import { User } from '../users/user.entity.js';
import { Grant } from './grant.entity.js';

/** A grant and the data's owner, as shown to the grantee. */
export interface ReceivedGrant {
  readonly id: string;
  readonly ownerId: string;
  readonly displayName: string | null;
  readonly scopes: readonly string[];
  readonly until: Date;
}

const MAX_RECEIVED = 1_000;

@Injectable()
export class GrantsRepository {
  constructor(@InjectRepository(Grant) private readonly grants: Repository<Grant>) {}

  async insert(grant: Grant): Promise<void> {
    await this.grants.insert(grant);
  }

  /** The grants that one owner gave, the newest first. */
  given(ownerId: string, now: Date): Promise<Grant[]> {
    return this.grants.find({
      where: { userId: ownerId, expiresAt: MoreThan(now) },
      order: { createdAt: 'DESC', id: 'DESC' },
    });
  }

  countGiven(ownerId: string, now: Date): Promise<number> {
    return this.grants.countBy({ userId: ownerId, expiresAt: MoreThan(now) });
  }

  /** @returns whether the owner had given this grant. */
  async remove(ownerId: string, id: string): Promise<boolean> {
    const { affected } = await this.grants.delete({ userId: ownerId, id });
    return affected === 1;
  }

  async removeExpired(ownerId: string, now: Date): Promise<void> {
    await this.grants.delete({ userId: ownerId, expiresAt: LessThanOrEqual(now) });
  }

  /** Assigns pending grants for the address to the account. */
  async claim(granteeId: string, email: string): Promise<void> {
    await this.grants.update({ granteeEmail: email, granteeId: IsNull() }, { granteeId });
  }

  /** Valid grants between two accounts; both accounts must still qualify. */
  holding(granteeId: string, ownerId: string, now: Date): Promise<Grant[]> {
    return this.withOpenOwner()
      .innerJoin(
        User,
        'grantee',
        `grantee.id = grant.granteeId AND grantee.role = 'coach' AND grantee.disabledAt IS NULL`,
      )
      .where({ granteeId, userId: ownerId, expiresAt: MoreThan(now) })
      .getMany();
  }

  /** The grants that a coach has received. */
  async received(granteeId: string, now: Date): Promise<ReceivedGrant[]> {
    const { entities, raw } = await this.withOpenOwner()
      .addSelect('owner.displayName', 'owner_name')
      .where({ granteeId, expiresAt: MoreThan(now) })
      .orderBy({ 'grant.createdAt': 'DESC', 'grant.id': 'DESC' })
      .limit(MAX_RECEIVED)
      .getRawAndEntities<{ owner_name: string | null }>();
    return entities.map(({ id, userId, scopes, expiresAt }, index) => ({
      id,
      ownerId: userId,
      displayName: raw[index]?.owner_name ?? null,
      scopes,
      until: expiresAt,
    }));
  }

  private withOpenOwner() {
    return this.grants
      .createQueryBuilder('grant')
      .innerJoin(User, 'owner', 'owner.id = grant.userId AND owner.disabledAt IS NULL');
  }
}
