import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database, placeholders } from '../../platform/database/database.js';
import { exactInteger, Table } from '../../platform/database/table.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { currentOrigin } from '../http/request-origin.js';
import { addressBucket } from '../limits/client-address.js';
import type { AuditAction } from './actions.js';
import type { Reason } from './reasons.js';
import { entryHash } from './audit-chain.js';
import { AuditEntry } from './audit-entry.entity.js';
import { setBounded } from '../../platform/bounded-map.js';

export interface AuditEvent {
  readonly action: AuditAction;
  /** Who did it; absent for a stranger, and for the service itself. */
  readonly actor?: Person | undefined;
  /** Whose account or data it was done to. */
  readonly subject?: Person | undefined;
  /** What else it was done to, by its id. */
  readonly target?: string | undefined;
  /** Names of fields, never values. */
  readonly fields?: readonly string[];
  /** Why an admin did it: one of a few words, never free text. */
  readonly reason?: Reason | undefined;
}

/** Where somebody else did it than the person it was done to. */
export interface DoneBy {
  readonly by?: string;
  readonly reason?: Reason;
}

/** The id of an account, or its row where that was read already. */
type Person = string | { readonly pseudonym: string };

type Draft = Omit<AuditEntry, 'seq' | 'hash'>;

const MAX_PSEUDONYMS = 50_000;
const DRAFTS = 'audit';

/**
 * What happened to accounts, in the transaction in which it happened. There is one chain for all, and whoever adds to it
 * holds its end to COMMIT: entries are added at the end of a unit of work, so that nobody waits longer than for a commit.
 */
@Injectable()
export class AuditLog {
  private readonly table: Table<AuditEntry>;
  private readonly pseudonyms = new Map<string, string>();

  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {
    this.table = new Table(database.writer, AuditEntry);
  }

  /** Writes it down with the caller's unit of work, or in one of its own. The people must have their accounts still. */
  record({ action, actor, subject, target, fields, reason }: AuditEvent): Promise<void> {
    return this.unitOfWork.run(async () => {
      const origin = currentOrigin();
      const draft: Draft = {
        at: this.clock.date(),
        action,
        actor: await this.pseudonymOf(actor),
        subject: await this.pseudonymOf(subject),
        target: target ?? null,
        fields: fields ?? [],
        reason: reason ?? null,
        address: origin ? shortened(origin.address) : null,
        requestId: origin?.requestId ?? null,
      };
      this.drafts().push(draft);
    });
  }

  /** Writes several down, together. */
  recordAll(events: readonly AuditEvent[]): Promise<void> {
    return this.unitOfWork.run(async () => {
      for (const event of events) await this.record(event);
    });
  }

  /** The name a person has in the log; null for one who has no account. */
  async pseudonymOf(person: Person | undefined): Promise<string | null> {
    if (typeof person !== 'string') return person?.pseudonym ?? null;
    const known = this.pseudonyms.get(person);
    if (known !== undefined) return known;
    const [row] = await this.database.rows<{ pseudonym: string }>(
      'SELECT pseudonym FROM users WHERE id = ?',
      [person],
    );
    if (!row) return null;
    setBounded(this.pseudonyms, person, row.pseudonym, MAX_PSEUDONYMS);
    return row.pseudonym;
  }

  /** The accounts of these names that still exist, by name. */
  async peopleOf(pseudonyms: readonly string[]): Promise<Map<string, string>> {
    if (pseudonyms.length === 0) return new Map();
    const rows = await this.database.rows<{ id: string; pseudonym: string }>(
      `SELECT id, pseudonym FROM users WHERE pseudonym IN (${placeholders(pseudonyms.length)})`,
      pseudonyms,
    );
    return new Map(rows.map(({ id, pseudonym }) => [pseudonym, id]));
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
    const [head] = await this.database.rows<{ seq_text: string; hash: string }>(
      `SELECT ${exactInteger('seq')} AS seq_text, hash FROM audit_head WHERE id = 1${this.database.forUpdate}`,
    );
    if (!head) throw new Error('The end of the audit log is gone');
    let { hash } = head;
    let seq = BigInt(head.seq_text);
    const entries = drafts.map((draft): AuditEntry => {
      const entry = { ...draft, seq: ++seq, hash: '' };
      hash = entryHash(entry, hash);
      return { ...entry, hash };
    });
    await this.table.insert(this.database, entries);
    await this.database.execute('UPDATE audit_head SET seq = ?, hash = ? WHERE id = 1', [seq, hash]);
  }
}

/** Enough to tell one network from another, not one household. */
function shortened(address: string): string | null {
  const bucket = addressBucket(address);
  if (bucket === 'unknown') return null;
  return bucket.includes(':')
    ? `${bucket.split(':').slice(0, 3).join(':')}::`
    : `${bucket.split('.').slice(0, 3).join('.')}.0`;
}
