import { randomUUID } from 'node:crypto';
import type { Measurement } from './measurement.js';
import type { Conflict, PulledEntry, PushedEntry, Rejection, SyncedEntry } from './wire.js';

export interface Attention {
  readonly entry: PushedEntry;
  readonly rejection: Rejection;
}

/**
 * What a phone keeps: its copy of the history, and the outbox of edits the service has not confirmed.
 * An edit changes the copy at once, with or without a network. Entries are never changed in place, so an entry
 * that is still the object that was sent has not been edited since.
 */
export class LocalStore {
  private readonly entries = new Map<string, PushedEntry>();
  private readonly localIds = new Map<string, string>();
  /** Edited entries, one item each however often they were edited. */
  private readonly outbox = new Set<string>();
  /** Entries the service may know although it never said so: they were sent, and the answer may be lost. */
  private readonly sent = new Set<string>();
  /** Edits the service refused: out of the way of the others, but not lost. */
  readonly attention: Attention[] = [];

  add(measurement: Measurement, editedAt: Date): PushedEntry {
    return this.edited({ ...measurement, local_id: randomUUID(), modified_at: editedAt.toISOString() });
  }

  edit(localId: string, change: Partial<Measurement>, editedAt: Date): PushedEntry {
    return this.edited({ ...this.get(localId), ...change, modified_at: editedAt.toISOString() });
  }

  delete(localId: string, editedAt: Date): void {
    const entry = this.get(localId);
    const unknownToService = !entry.server_id && !this.sent.has(localId);
    if (unknownToService) this.forget(localId);
    else this.edited({ ...entry, modified_at: editedAt.toISOString(), deleted: true });
  }

  /** What the person sees, oldest first. */
  visible(): PushedEntry[] {
    const live = [...this.entries.values()].filter((entry) => !entry.deleted);
    return live.toSorted((one, other) => Date.parse(one.timestamp) - Date.parse(other.timestamp));
  }

  byServerId(serverId: string): PushedEntry | undefined {
    return this.entries.get(this.localIds.get(serverId) ?? '');
  }

  get pending(): number {
    return this.outbox.size;
  }

  /** The next edits to send, oldest item first. */
  nextBatch(limit: number): PushedEntry[] {
    const batch = [...this.outbox].slice(0, limit).map((localId) => this.get(localId));
    for (const entry of batch) this.sent.add(entry.local_id);
    return batch;
  }

  confirmed(sent: PushedEntry, answer: SyncedEntry): void {
    const current = this.get(sent.local_id);
    const { server_id, version } = answer;
    const known = { ...current, ...(server_id && { server_id }), ...(version && { version }) };
    if (current !== sent) return this.keep(known);
    this.outbox.delete(sent.local_id);
    if (sent.deleted) this.forget(sent.local_id);
    else this.keep(known);
  }

  /** Another edit won: the service's copy replaces ours, unless ours was edited again since it was sent. */
  overruled(sent: PushedEntry, conflict: Conflict): void {
    if (this.get(sent.local_id) !== sent) return;
    this.outbox.delete(sent.local_id);
    this.replace(sent.local_id, conflict.server);
  }

  refused(sent: PushedEntry, rejection: Rejection): void {
    if (this.get(sent.local_id) !== sent) return;
    this.outbox.delete(sent.local_id);
    this.attention.push({ entry: sent, rejection });
  }

  /** Takes over what the service knows; an entry with an edit in the outbox stays as the person left it. */
  pulled(entry: PulledEntry): boolean {
    const mine = this.byServerId(entry.server_id) ?? this.unconfirmed(entry.local_id);
    if (mine && this.outbox.has(mine.local_id)) return false;
    this.replace(mine?.local_id ?? entry.server_id, entry);
    return true;
  }

  private edited(entry: PushedEntry): PushedEntry {
    this.outbox.add(entry.local_id);
    this.keep(entry);
    return entry;
  }

  private replace(localId: string, entry: PulledEntry): void {
    if (entry.deleted) return this.forget(localId);
    const { server_id, weight_value, unit, timestamp, modified_at, version } = entry;
    this.keep({ local_id: localId, server_id, weight_value, unit, timestamp, modified_at, version });
  }

  private unconfirmed(localId: string | undefined): PushedEntry | undefined {
    const entry = localId ? this.entries.get(localId) : undefined;
    return entry?.server_id ? undefined : entry;
  }

  private get(localId: string): PushedEntry {
    const entry = this.entries.get(localId);
    if (!entry) throw new Error(`No entry ${localId} on this phone.`);
    return entry;
  }

  private keep(entry: PushedEntry): void {
    const twin = entry.server_id && this.localIds.get(entry.server_id);
    // The service found two of our entries to be one and the same.
    if (twin && twin !== entry.local_id) this.forget(twin);
    this.entries.set(entry.local_id, entry);
    if (entry.server_id) this.localIds.set(entry.server_id, entry.local_id);
  }

  private forget(localId: string): void {
    const serverId = this.entries.get(localId)?.server_id;
    if (serverId) this.localIds.delete(serverId);
    this.entries.delete(localId);
    this.outbox.delete(localId);
  }
}
