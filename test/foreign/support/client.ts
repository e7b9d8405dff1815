import type { FaultProxy } from '../../../tools/support/fault-proxy.js';
import type { Wire } from '../../support/sync.js';
import type { Kind } from './fields.js';

/** A sync library of another vendor, on a phone. */
export interface ForeignClient {
  readonly name: string;
  readonly network: FaultProxy;
  create(kind: Kind, fields: Wire): Promise<string>;
  edit(kind: Kind, id: string, fields: Wire): Promise<void>;
  remove(kind: Kind, id: string): Promise<void>;
  /** The records as the person sees them, by id. */
  rows(kind: Kind): Promise<Map<string, Wire>>;
  /** Resolves when the library reports that it is done. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
