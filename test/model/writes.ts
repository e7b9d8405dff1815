import type { EditStamp } from '../../src/kernel/records/merge.js';
import type { Mutation, Status } from './wire.js';

/** What a person did once; no two say the same, so what holds in the end tells who said it. */
export interface Write {
  readonly id: string;
  readonly op: Mutation['op'];
  readonly token: string;
  readonly groups: readonly string[];
  /** By the clock of the device. */
  readonly claimed: number;
  /** Everything its author had seen by then. */
  readonly known: ReadonlySet<string>;
  /** Its author knew that the record was deleted. */
  readonly revives: boolean;
  /** What the client was told became of it. */
  acked: Status | undefined;
  /** In which history of the server it has its stamps. */
  history: number;
  /** The greatest stamp it has had, by group and as a whole. */
  readonly stamps: Map<string, EditStamp>;
}

/** The register for whether a record lives. */
export const LIFE = 'life';
