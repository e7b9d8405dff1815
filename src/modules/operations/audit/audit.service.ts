import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { entryHash, GENESIS } from '../../../kernel/audit/audit-chain.js';
import type { AuditEntry } from '../../../kernel/audit/audit-entry.entity.js';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import type { Reason } from '../../../kernel/audit/reasons.js';
import { type AuditFilter, AuditRepository } from './audit.repository.js';
import { auditAudit } from './audit.audit.js';

/** An entry with the ids of its people, if they still have accounts. */
export type NamedEntry = AuditEntry & { readonly actorId: string | null; readonly subjectId: string | null };

/** The filter of a search, with people by the ids of their accounts. */
export interface AuditSearch extends Omit<AuditFilter, 'actor' | 'subject'> {
  readonly actorId?: string;
  readonly subjectId?: string;
}

export interface Verification {
  readonly entries: number;
  /** The hash of the newest entry. A copy that is kept elsewhere shows later that no earlier entry was changed. */
  readonly hash: string;
  /** The first entry that does not follow from the previous one; undefined if all do. */
  readonly brokenAt: bigint | undefined;
}

const READ_AT_ONCE = 1_000;

@Injectable()
export class AuditService {
  constructor(
    private readonly entries: AuditRepository,
    private readonly log: AuditLog,
  ) {}

  /** The entries about the account of a person. */
  async accessLog({ userId }: Actor, place: Place): Promise<Listing<NamedEntry>> {
    const subject = (await this.log.pseudonymOf(userId)) ?? '';
    const page = await this.entries.page({ subject }, place);
    return { ...page, data: await this.named(page.data) };
  }

  /**
   * Searches the log of all accounts. The search is itself recorded: once for each other person who is searched for or
   * shown, or once if there is none.
   */
  async search(
    { userId }: Actor,
    { actorId, subjectId, action, since, until }: AuditSearch,
    place: Place,
    reason: Reason,
  ): Promise<Listing<NamedEntry>> {
    const [actor, subject] = [await this.nameOf(actorId), await this.nameOf(subjectId)];
    // Entries about searches must not shift the pages while an admin reads them.
    const exceptAction = action === undefined ? auditAudit.read : undefined;
    const filter = { actor, subject, action, exceptAction, since, until };
    const page = await this.entries.page(filter, place);
    const data = await this.named(page.data);
    await this.noteRead(userId, [actor, subject, ...data.flatMap(peopleIn)], reason);
    return { ...page, data };
  }

  private async noteRead(
    userId: string,
    names: readonly (string | null | undefined)[],
    reason: Reason,
  ): Promise<void> {
    const own = await this.log.pseudonymOf(userId);
    const others = [...new Set(names)].flatMap((name) => (name && name !== own ? { pseudonym: name } : []));
    const subjects = others.length > 0 ? others : [undefined];
    await this.log.recordAll(
      subjects.map((subject) => ({ action: auditAudit.read, actor: userId, subject, reason })),
    );
  }

  /** For a deleted account, a pseudonym that no account has. */
  private async nameOf(userId: string | undefined): Promise<string | undefined> {
    return userId === undefined ? undefined : ((await this.log.pseudonymOf(userId)) ?? '');
  }

  /** Verifies the chain from its beginning to its end. */
  async verify(): Promise<Verification> {
    const head = await this.entries.head();
    let [seq, hash] = [0n, GENESIS];
    while (seq < head.seq) {
      const part = (await this.entries.after(seq, READ_AT_ONCE)).filter((entry) => entry.seq <= head.seq);
      for (const entry of part) {
        if (entry.seq !== seq + 1n || entry.hash !== entryHash(entry, hash))
          return { entries: Number(seq), hash, brokenAt: seq + 1n };
        ({ seq, hash } = entry);
      }
      if (part.length === 0) break;
    }
    const isWhole = seq === head.seq && hash === head.hash;
    return { entries: Number(seq), hash, brokenAt: isWhole ? await this.outside() : seq + 1n };
  }

  /** The first entry that is in the log but not in the chain: before its first entry, or after its end. */
  private async outside(): Promise<bigint | undefined> {
    const { first, last } = await this.entries.bounds();
    // The end is read after the entries, so that entries added in between lie before it.
    const { seq } = await this.entries.head();
    if (first < 1n) return first;
    return last > seq ? last : undefined;
  }

  private async named(entries: readonly AuditEntry[]): Promise<NamedEntry[]> {
    const names = entries.flatMap(({ actor, subject }) => [actor, subject]);
    const people = await this.log.peopleOf([...new Set(names)].filter((name) => name !== null));
    const idOf = (name: string | null) => (name === null ? null : (people.get(name) ?? null));
    return entries.map((entry) => ({
      ...entry,
      actorId: idOf(entry.actor),
      subjectId: idOf(entry.subject),
    }));
  }
}

/**
 * The people that an entry shows who can still read their access log. Entries about earlier searches do not count:
 * otherwise each search would show the previous one, and the log would contain little else.
 */
const peopleIn = ({ action, actor, actorId, subject, subjectId }: NamedEntry): (string | null)[] =>
  action === auditAudit.read ? [] : [actorId && actor, subjectId && subject];
