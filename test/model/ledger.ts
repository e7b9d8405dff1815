import { compareStamps, type EditStamp } from '../../src/kernel/records/merge.js';
import { require } from './properties.js';
import type { Row } from './server-state.js';
import { LIFE, type Write } from './writes.js';

/** Everything everybody did, and whether it is lost. */
export class Ledger {
  readonly writes: Write[] = [];
  /** Tombstones are gone, purged or with a restored server: a creation that knew of it is not compared with it any more. */
  hasForgotten = false;
  /** What clients say again has its time, not its counter nor its device: within one instant the order may change. */
  hasRestored = false;

  /**
   * P7: what was acknowledged is visible, or something beat it or deleted it, or a conflict keeps it.
   * @param kept every content a conflict ever kept: only the service writes conflicts, so a restored one forgets them.
   */
  check(rows: ReadonlyMap<string, Row>, kept: ReadonlySet<string>): void {
    for (const write of this.writes) {
      if (write.acked === undefined || write.acked === 'gone') continue;
      const row = rows.get(write.id);
      const what = () => `${describe(write)} is lost; there is ${JSON.stringify(row?.state)}`;
      if (write.op === 'delete') require(this.holds(write, row), 'P7', what);
      else
        for (const group of write.groups)
          require(this.survives(write, group, row, kept, new Set()), 'P7', what);
    }
  }

  private of(id: string): Write[] {
    return this.writes.filter((write) => write.id === id);
  }

  private survives(
    write: Write,
    group: string,
    row: Row | undefined,
    kept: ReadonlySet<string>,
    seen: Set<Write>,
  ): boolean {
    seen.add(write);
    const holds = ({ token }: Write) =>
      row?.state.deleted === false && row.state.groups[group]?.content === token;
    if (holds(write) || kept.has(write.token)) return true;
    const others = this.of(write.id).filter((other) => !seen.has(other));
    return others.some((other) => {
      const isTaken = other.stamps.size > 0 || other.acked !== undefined || holds(other);
      if (!isTaken || !this.beats(other, write, group)) return false;
      return (
        other.op === 'delete' ||
        (other.groups.includes(group) && this.survives(other, group, row, kept, seen))
      );
    });
  }

  /**
   * Only a newer change takes a deletion back, or a creation that knew of it when nothing of it is left. After a restore
   * a change that waited is sent on top of the deletion that is said again: the record comes back, no text is lost.
   */
  private holds(deletion: Write, row: Row | undefined): boolean {
    if (!row || row.state.deleted) return true;
    return this.of(deletion.id).some(
      (other) =>
        other.op !== 'delete' &&
        other.stamps.has(LIFE) &&
        (this.isNewer(stampOf(other, LIFE), stampOf(deletion, LIFE)) ||
          (this.hasForgotten && other.revives) ||
          (this.hasRestored && other.op === 'update')),
    );
  }

  private beats(other: Write, write: Write, group: string): boolean {
    if (other.known.has(write.token)) return true;
    const own = stampOf(write, group);
    if (other.op !== 'delete') return this.isNewer(stampOf(other, group), own);
    // At one instant the deletion wins.
    const { time, counter } = stampOf(other, LIFE);
    return (time === own.time && counter === own.counter) || this.isNewer(stampOf(other, LIFE), own);
  }

  private isNewer(a: EditStamp, b: EditStamp): boolean {
    return compareStamps(a, b) > 0 || (this.hasRestored && a.time === b.time);
  }
}

const stampOf = (write: Write, register: string): EditStamp =>
  write.stamps.get(register) ?? { time: write.claimed, counter: 0, device: '', deviceSeq: 0 };

const describe = ({ op, id, token, acked, claimed, stamps }: Write): string =>
  `${op} ${id} ${token} at ${claimed} (${acked}, ${JSON.stringify([...stamps])})`;
