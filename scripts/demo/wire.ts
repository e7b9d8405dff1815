import type { Measurement } from './measurement.js';

/* What the phones and the service say to each other, as far as the phones use it. */

/** What a phone pushes: its own copy of an entry with the time of the edit, and the version it knew. */
export interface PushedEntry extends Measurement {
  readonly local_id: string;
  readonly server_id?: string;
  readonly modified_at: string;
  readonly version?: number;
  readonly deleted?: true;
}

export interface SyncedEntry {
  readonly local_id: string;
  /** Null when there was nothing to delete. */
  readonly server_id: string | null;
  readonly status: 'created' | 'updated' | 'duplicate' | 'deleted';
  readonly version?: number;
}

/** The service kept another edit than the pushed one; `server` is what it holds. */
export interface Conflict {
  readonly local_id: string;
  readonly server_id: string;
  readonly reason: string;
  readonly resolution: string;
  readonly server: PulledEntry;
}

export interface Rejection {
  readonly local_id: string | null;
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

export interface PushAnswer {
  readonly synced: readonly SyncedEntry[];
  readonly conflicts: readonly Conflict[];
  readonly rejected: readonly Rejection[];
}

export interface LiveEntry extends Measurement {
  readonly server_id: string;
  readonly local_id?: string;
  readonly modified_at: string;
  readonly version: number;
  readonly deleted?: false;
}

export interface Tombstone {
  readonly server_id: string;
  readonly local_id?: string;
  readonly deleted: true;
  readonly deleted_at: string;
  readonly version: number;
}

export type PulledEntry = LiveEntry | Tombstone;

export interface PullAnswer {
  readonly entries: readonly PulledEntry[];
  readonly next_since: string;
  readonly has_more: boolean;
}

export interface ListedEntry extends Measurement {
  readonly id: string;
  readonly version: number;
}

export interface ListAnswer {
  readonly data: readonly ListedEntry[];
  readonly pagination: { readonly total: number };
}

export interface Account {
  readonly email: string;
  readonly password: string;
}

export interface Device {
  readonly device_id: string;
  readonly device_name: string;
  readonly platform: string;
}

export interface SignInAnswer {
  readonly access_token: string;
}
