import type { Head } from '../../../records/write/change-sequence.js';
import type { ChangeDto } from './change.dto.js';

export interface PulledPage {
  readonly head: Head;
  readonly changes: ChangeDto[];
  readonly cursor: string;
  readonly seq: number;
  readonly hasMore: boolean;
}

export const pulledOf = ({
  changes,
  cursor,
  seq,
  hasMore,
}: PulledPage): { changes: ChangeDto[]; cursor: string; seq: string; hasMore: boolean } => ({
  changes,
  cursor,
  seq: `${seq}`,
  hasMore,
});
