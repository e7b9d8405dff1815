import type { EditStamp } from '../../src/records/merge/edit-stamp.js';
import type { Mutation, Status } from './wire.js';

/** One edit of a person. Every edit has another content, so the final content shows which edit won. */
export interface Write {
  readonly id: string;
  readonly op: Mutation['op'];
  readonly token: string;
  readonly groups: readonly string[];
  /** The time by the clock of the device. */
  readonly claimed: number;
  /** Every content that its author had seen before, as `contentOf` names it. */
  readonly known: ReadonlySet<string>;
  /** Whether its author knew that the record was deleted. */
  readonly revives: boolean;
  /** The status that the client received for it. */
  acked: Status | undefined;
  /** The history of the server in which it got its stamps. */
  history: number;
  /** The greatest stamp that it ever had, for each group and for the record. */
  readonly stamps: Map<string, EditStamp>;
}

/** The name of the register for whether a record is live. */
export const LIFE = 'life';
