import { compareStamps, type EditStamp } from '../../src/records/merge/edit-stamp.js';
import { require } from './properties.js';
import type { Row } from './server-state.js';
import { contentOf } from './store.js';
import { LIFE, type Write } from './writes.js';

/** All edits of all people. It checks that none is lost. */
export class Ledger {
  readonly writes: Write[] = [];

  /**
   * @param reborn the records whose tombstones were purged. When they are created again, the same version can mean another
   * state, so only for these a newer edit may also replace a value that was not shown. That takes half a year.
   */
  constructor(private readonly reborn: ReadonlySet<string>) {}

  /** Whether tombstones were lost by a purge or a restore. A creation is then no longer compared with its tombstone. */
  hasForgotten = false;
  /** Whether the server was restored. Edits that are sent again keep only their time, so ties may be decided differently. */
  hasRestored = false;

  /**
   * P7: every value that a person typed is in the record, or in a conflict, or it was overwritten by an edit made on a device
   * that had shown it. Being newer is no reason to lose it.
   * @param kept every content that was ever in a conflict. A restored server forgets conflicts, and clients do not send them.
   */
  check(rows: ReadonlyMap<string, Row>, kept: ReadonlySet<string>): void {
    for (const write of this.writes) {
      if (write.acked === undefined) continue;
      const row = rows.get(write.id);
      const what = () => `${describe(write)} is lost; there is ${JSON.stringify(row?.state)}`;
      if (write.op === 'delete') require(this.holds(write, row), 'P7', what);
      else for (const group of write.groups) require(this.survives(write, group, row, kept), 'P7', what);
    }
  }

  private of(id: string): Write[] {
    return this.writes.filter((write) => write.id === id);
  }

  private survives(write: Write, group: string, row: Row | undefined, kept: ReadonlySet<string>): boolean {
    const name = contentOf(group, write.token);
    const isHeld = row?.state.deleted === false && row.state.groups[group]?.content === write.token;
    if (isHeld || kept.has(name)) return true;
    return this.of(write.id).some(
      (other) =>
        (other.known.has(name) || (this.reborn.has(write.id) && this.isNewerEdit(other, write, group))) &&
        (other.stamps.size > 0 || other.acked !== undefined) &&
        (other.op === 'delete' || other.groups.includes(group)),
    );
  }

  private isNewerEdit(other: Write, write: Write, group: string): boolean {
    const register = other.op === 'delete' ? LIFE : group;
    return this.isNewer(stampOf(other, register), stampOf(write, group));
  }

  /**
   * A deletion is taken back only by a newer change, or by a creation that knew of it when its tombstone is gone. After a
   * restore, a waiting change is sent after the deletion that is sent again: the record is restored, and no text is lost.
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

  private isNewer(a: EditStamp, b: EditStamp): boolean {
    return compareStamps(a, b) > 0 || (this.hasRestored && a.time === b.time);
  }
}

const stampOf = (write: Write, register: string): EditStamp =>
  write.stamps.get(register) ?? { time: write.claimed, counter: 0, device: '', deviceSeq: 0 };

const describe = ({ op, id, token, acked, claimed, stamps }: Write): string =>
  `${op} ${id} ${token} at ${claimed} (${acked}, ${JSON.stringify([...stamps])})`;
