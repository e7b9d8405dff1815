import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, LessThanOrEqual, MoreThan, Repository } from 'typeorm';
import { Keyset, type SortColumn } from '../../../kernel/http/keyset.js';
import { readPage } from '../../../kernel/http/page-reader.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { instantText } from '../../../platform/database/database.js';
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

type Received = Grant & { readonly ownerName: string | null };

const NEWEST_FIRST: readonly SortColumn[] = [
  { sql: 'grant.createdAt', holds: 'instant' },
  { sql: 'grant.id', holds: 'text' },
];

/** What a received grant has in an answer besides its scopes: ids, an instant, and the name of its owner. */
const FRAME_BYTES = 700;

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

  /** One page of the grants that a coach has received, the newest first. @throws Problem `validation` for a wrong cursor */
  async received(granteeId: string, now: Date, place: Place): Promise<Listing<ReceivedGrant>> {
    const keyset = new Keyset(['received grants', granteeId], NEWEST_FIRST, 'DESC');
    const valid = () => this.withOpenOwner().where({ granteeId, expiresAt: MoreThan(now) });
    const { rows, next } = await readPage<Received>(keyset, place, {
      bytesOf: ({ scopes }) => FRAME_BYTES + JSON.stringify(scopes).length,
      positionOf: ({ createdAt, id }) => [instantText(createdAt), id],
      read: async ({ after, offset }, count) => {
        const grants = valid().addSelect('owner.displayName', 'owner_name').limit(count).offset(offset);
        if (after) grants.andWhere(...keyset.namedAfter(after));
        for (const { sql } of NEWEST_FIRST) grants.addOrderBy(sql, 'DESC');
        const { entities, raw } = await grants.getRawAndEntities<{ owner_name: string | null }>();
        return entities.map((grant, index) => ({ ...grant, ownerName: raw[index]?.owner_name ?? null }));
      },
    });
    return { data: rows.map(receivedGrant), total: await valid().getCount(), next };
  }

  private withOpenOwner() {
    return this.grants
      .createQueryBuilder('grant')
      .innerJoin(User, 'owner', 'owner.id = grant.userId AND owner.disabledAt IS NULL');
  }
}

const receivedGrant = ({ id, userId, ownerName, scopes, expiresAt }: Received): ReceivedGrant => ({
  id,
  ownerId: userId,
  displayName: ownerName,
  scopes,
  until: expiresAt,
});
