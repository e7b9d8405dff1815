import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { And, type FindOperator, LessThan, MoreThan, MoreThanOrEqual, Not, Repository } from 'typeorm';
import { AuditEntry } from '../../../kernel/audit/audit-entry.entity.js';
import { AuditHead, HEAD } from '../../../kernel/audit/audit-head.entity.js';
import { Keyset } from '../../../kernel/http/keyset.js';
import { readPage } from '../../../kernel/http/page-reader.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';

export interface AuditFilter {
  readonly subject?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** An action to leave out. */
  readonly exceptAction?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** Reads the audit log. Only `AuditLog` writes to it, and nothing changes or deletes entries. */
@Injectable()
export class AuditRepository {
  constructor(
    @InjectRepository(AuditEntry) private readonly entries: Repository<AuditEntry>,
    @InjectRepository(AuditHead) private readonly heads: Repository<AuditHead>,
  ) {}

  /** One page, the newest entries first. @throws Problem `validation` for a cursor of another list */
  async page(filter: AuditFilter, place: Place): Promise<Listing<AuditEntry>> {
    const keyset = new Keyset(['audit', filter], [{ sql: 'entry.seq', holds: 'integer' }], 'DESC');
    const entries = () => this.entries.createQueryBuilder('entry').where(whereOf(filter));
    const { rows: data, next } = await readPage<AuditEntry>(keyset, place, {
      bytesOf: ({ fields }) => ENTRY_BYTES + JSON.stringify(fields).length,
      // An entry's number is far below 2^53.
      positionOf: ({ seq }) => [Number(seq)],
      read: ({ after, offset }, count) => {
        const query = entries().orderBy('entry.seq', 'DESC').limit(count).offset(offset);
        return (after ? query.andWhere(...keyset.namedAfter(after)) : query).getMany();
      },
    });
    return { data, total: await entries().getCount(), next };
  }

  /** The entries after a position, in order. */
  after(seq: bigint, limit: number): Promise<AuditEntry[]> {
    return this.entries.find({ where: { seq: MoreThan(seq) }, order: { seq: 'ASC' }, take: limit });
  }

  /** The positions of the first and the last entry, whether or not they are in the chain. */
  async bounds(): Promise<{ first: bigint; last: bigint }> {
    const [[lowest], [highest]] = [await this.atEnd('ASC'), await this.atEnd('DESC')];
    return { first: lowest?.seq ?? 1n, last: highest?.seq ?? 0n };
  }

  /** The end of the chain. */
  async head(): Promise<{ seq: bigint; hash: string }> {
    return (await this.heads.findOneBy({ id: HEAD })) ?? { seq: 0n, hash: '' };
  }

  private atEnd(seq: 'ASC' | 'DESC'): Promise<AuditEntry[]> {
    return this.entries.find({ select: { seq: true }, order: { seq }, take: 1 });
  }
}

/** What an entry has besides its list of fields: words, ids, pseudonyms and hashes of fixed lengths. */
const ENTRY_BYTES = 700;

function whereOf({ subject, actor, action, exceptAction, since, until }: AuditFilter) {
  return {
    ...(subject !== undefined && { subject }),
    ...(actor !== undefined && { actor }),
    ...(exceptAction !== undefined && { action: Not(exceptAction) }),
    ...(action !== undefined && { action }),
    ...between(since, until),
  };
}

function between(since: Date | undefined, until: Date | undefined): { at?: FindOperator<Date> } {
  if (since && until) return { at: And(MoreThanOrEqual(since), LessThan(until)) };
  if (since) return { at: MoreThanOrEqual(since) };
  return until ? { at: LessThan(until) } : {};
}
