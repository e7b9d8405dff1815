import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { currentOrigin } from '../http/request-origin.js';
import { addressBucket } from '../throttle/client-address.js';
import type { AuditAction } from './actions.js';
import type { Reason } from './reasons.js';
import { entryHash } from './audit-chain.js';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditHead, HEAD } from './audit-head.entity.js';
import { AuditRefusals, type RefusalSum } from './audit-refusals.js';
import { Pseudonyms } from './pseudonyms.js';
import { setBounded } from '../../platform/bounded-map.js';

export interface AuditEvent {
  readonly action: AuditAction;
  /** The actor; absent for a person who is not signed in, and for the service itself. */
  readonly actor?: Person | undefined;
  /** The affected person. */
  readonly subject?: Person | undefined;
  /** The id of another affected object. */
  readonly target?: string | undefined;
  /** Names of fields, never values. */
  readonly fields?: readonly string[];
  /** The admin's reason: one of a few fixed words, never free text. */
  readonly reason?: Reason | undefined;
}

/** A call that was refused. */
export interface Refusal extends Omit<AuditEvent, 'fields' | 'reason'> {
  /** Tells people without an account apart, such as a hash of the address that they gave. It is not in the log. */
  readonly stranger?: string | undefined;
}

/** The admin who acted and their reason, when another person than the affected one acted. */
export interface DoneBy {
  readonly by?: string;
  readonly reason?: Reason;
}

/** The id of an account, or its row when it was already read. */
type Person = string | { readonly pseudonym: string };

type Draft = Omit<AuditEntry, 'seq' | 'hash'>;

const MAX_PSEUDONYMS = 50_000;
const DRAFTS = 'audit';

/**
 * Writes actions that affect accounts into the audit log, in the transaction of the action. All entries form one chain, and
 * a transaction that adds to it locks the chain's end until COMMIT. So entries are added as the last step of a unit of work:
 * other transactions then wait only for a commit.
 */
@Injectable()
export class AuditLog {
  private readonly known = new Map<string, string>();

  constructor(
    @InjectRepository(AuditEntry) private readonly entries: Repository<AuditEntry>,
    @InjectRepository(AuditHead) private readonly heads: Repository<AuditHead>,
    private readonly pseudonyms: Pseudonyms,
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly refusals: AuditRefusals,
  ) {}

  /** Adds an entry in the caller's unit of work, or in a new one. The accounts of actor and subject must still exist. */
  record(event: AuditEvent): Promise<void> {
    return this.unitOfWork.run(async () => {
      const draft = await this.draftOf(event);
      this.drafts().push(draft);
    });
  }

  /**
   * Adds an entry for the first refusal of a window, and counts the further ones with the same action and people. Their sum is
   * added when the window has ended. In the caller's unit of work, or in a new one.
   */
  refuse({ stranger, ...event }: Refusal): Promise<void> {
    return this.unitOfWork.run(async () => {
      const draft = await this.draftOf(event);
      const { isFirst, before } = await this.refusals.count({ ...draft, stranger });
      this.addSums(before);
      if (isFirst) this.drafts().push(draft);
    });
  }

  /** Adds the sums of refusals whose windows have ended. */
  async sumRefusals(): Promise<void> {
    let isLast = false;
    while (!isLast)
      isLast = await this.unitOfWork.run(async () => {
        const ended = await this.refusals.takeEnded();
        this.addSums(ended.sums);
        return ended.isLast;
      });
  }

  /** Adds several entries in one unit of work. */
  recordAll(events: readonly AuditEvent[]): Promise<void> {
    return this.unitOfWork.run(async () => {
      for (const event of events) await this.record(event);
    });
  }

  /** The pseudonym of a person; null when they have no account. */
  async pseudonymOf(person: Person | undefined): Promise<string | null> {
    if (typeof person !== 'string') return person?.pseudonym ?? null;
    const known = this.known.get(person);
    if (known !== undefined) return known;
    const pseudonym = await this.pseudonyms.of(person);
    if (pseudonym !== null) setBounded(this.known, person, pseudonym, MAX_PSEUDONYMS);
    return pseudonym;
  }

  /** The ids of the accounts with these pseudonyms that still exist, by pseudonym. */
  peopleOf(pseudonyms: readonly string[]): Promise<Map<string, string>> {
    return this.pseudonyms.peopleOf(pseudonyms);
  }

  private async draftOf({ action, actor, subject, target, fields, reason }: AuditEvent): Promise<Draft> {
    const origin = currentOrigin();
    return {
      at: this.clock.date(),
      action,
      actor: await this.pseudonymOf(actor),
      subject: await this.pseudonymOf(subject),
      target: target ?? null,
      fields: fields ?? [],
      reason: reason ?? null,
      times: null,
      address: origin ? shorten(origin.address) : null,
      requestId: origin?.requestId ?? null,
    };
  }

  /** The refusals of a window may come from many networks and requests, so a sum names none. */
  private addSums(sums: readonly RefusalSum[]): void {
    const at = this.clock.date();
    for (const sum of sums)
      this.drafts().push({ ...sum, at, fields: [], reason: null, address: null, requestId: null });
  }

  private drafts(): Draft[] {
    const held = this.database.unit?.held;
    const known = held?.get(DRAFTS) as Draft[] | undefined;
    if (known) return known;
    const drafts: Draft[] = [];
    held?.set(DRAFTS, drafts);
    this.unitOfWork.beforeCommit(() => this.append(drafts));
    return drafts;
  }

  private async append(drafts: readonly Draft[]): Promise<void> {
    const head = await this.heads.findOne({ where: { id: HEAD }, ...this.database.locked });
    if (!head) throw new Error('The row of audit_head is missing');
    let { seq, hash } = head;
    const entries = drafts.map((draft): AuditEntry => {
      const entry = { ...draft, seq: ++seq, hash: '' };
      hash = entryHash(entry, hash);
      return { ...entry, hash };
    });
    await this.entries.insert(entries);
    await this.heads.update({ id: HEAD }, { seq, hash });
  }
}

/** Shortens an IP address so that it identifies a network but not a household. Null for an unknown address. */
function shorten(address: string): string | null {
  const bucket = addressBucket(address);
  if (bucket === 'unknown') return null;
  return bucket.includes(':')
    ? `${bucket.split(':').slice(0, 3).join(':')}::`
    : `${bucket.split('.').slice(0, 3).join('.')}.0`;
}
