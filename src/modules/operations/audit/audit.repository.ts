import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { And, type FindOperator, LessThan, MoreThan, MoreThanOrEqual, Not, Repository } from 'typeorm';
import { AuditEntry } from '../../../kernel/audit/audit-entry.entity.js';
import { AuditHead, HEAD } from '../../../kernel/audit/audit-head.entity.js';
import type { Place } from '../../../records/read/page.js';

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

  /** One page, the newest entries first. */
  async page(filter: AuditFilter, { limit, offset }: Place): Promise<{ data: AuditEntry[]; total: number }> {
    const [data, total] = await this.entries.findAndCount({
      where: whereOf(filter),
      order: { seq: 'DESC' },
      take: limit,
      skip: offset,
    });
    return { data, total };
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
