import type { Acknowledged, Entered, Ledger } from './ledger.js';
import type { Marks } from './values.js';

/** The final state of the service. */
export interface Ending {
  /** The values of live records. */
  readonly live: ReadonlyMap<string, Marks>;
  readonly conflicts: readonly KeptConflict[];
}

export interface KeptConflict {
  readonly key: string;
  /** The values of the losing edit; empty for a deletion. */
  readonly loser: Marks;
  readonly resolution: string | null;
}

/** P7: every acknowledged edit is visible, was changed by a device that had seen it, or is kept as a conflict. */
export function lossesOf(ledger: Ledger, ending: Ending): string[] {
  const all = [...ledger.acknowledged.values()];
  const judge = new Judge(ledger, ending, all);
  return [
    ...all.flatMap((mutation) => judge.judge(mutation)),
    ...ledger.entered.flatMap((entered, index) => judge.judgeEntered(entered, index)),
    ...judge.inventions(),
    ...judge.histories(),
  ];
}

class Judge {
  private readonly troubled = new Set<string>();
  private readonly byKey = new Map<string, Acknowledged[]>();

  constructor(
    private readonly ledger: Ledger,
    private readonly ending: Ending,
    all: readonly Acknowledged[],
  ) {
    for (const mutation of all) this.byKey.set(mutation.key, [...this.of(mutation.key), mutation]);
  }

  judge(mutation: Acknowledged): string[] {
    if (mutation.op === 'delete') return this.judgeDeletion(mutation);
    return [...mutation.marks]
      .filter(([group, mark]) => !this.isAccountedFor(mutation, group, mark))
      .map(([group, mark]) =>
        this.complain(mutation.key, `lost: ${mutation.key} ${group} ${mark} of device ${mutation.device}`),
      );
  }

  /** Each edit must have been sent, unless the same person replaced it on the same device. */
  judgeEntered({ device, key, marks, isInvalid }: Entered, index: number): string[] {
    if (isInvalid) return [];
    const later = this.ledger.entered
      .slice(index + 1)
      .filter((next) => next.device === device && next.key === key);
    return [...(marks ?? [])]
      .filter(([group]) => !later.some((next) => !next.marks || next.marks.has(group)))
      .filter(([group, mark]) => !this.of(key).some(({ marks: said }) => said.get(group) === mark))
      .map(([group, mark]) => this.complain(key, `never said: ${key} ${group} ${mark} of device ${device}`));
  }

  /** Values that nobody sent must not exist; checked by whole groups, so that a value cannot get the unit of another. */
  inventions(): string[] {
    return [...this.ending.live].flatMap(([key, marks]) =>
      [...marks.values()]
        .filter((mark) => !this.ledger.said.has(mark))
        .map((mark) => this.complain(key, `invented: ${key} ${mark}`)),
    );
  }

  /** Everything known about the records with problems. */
  histories(): string[] {
    return [...this.troubled].flatMap((key) => [
      `${key} in the end: ${text(this.ending.live.get(key))}`,
      ...this.of(key).map(
        ({ device, seq, op, base, status, version, marks }) =>
          `  device ${device} #${seq} ${op} on ${base ?? '-'}: ${status} ${version ?? '?'} ${text(marks)}`,
      ),
      ...this.ending.conflicts
        .filter((kept) => kept.key === key)
        .map(({ loser, resolution }) => `  conflict ${resolution ?? 'open'} ${text(loser)}`),
    ]);
  }

  private complain(key: string, text: string): string {
    this.troubled.add(key);
    return text;
  }

  private of(key: string): Acknowledged[] {
    return this.byKey.get(key) ?? [];
  }

  private isAccountedFor(mutation: Acknowledged, group: string, mark: string): boolean {
    const { key } = mutation;
    if (this.ending.live.get(key)?.get(group) === mark) return true;
    if (this.ending.conflicts.some((kept) => kept.key === key && kept.loser.get(group) === mark)) return true;
    if (this.wasDecided(key)) return true;
    return this.of(key).some(
      (next) => (next.op === 'delete' || next.marks.has(group)) && this.saw(next, mutation, group, mark),
    );
  }

  private judgeDeletion(deletion: Acknowledged): string[] {
    const { key, device, seq, base = 0 } = deletion;
    if (!this.ending.live.has(key) || this.wasDecided(key)) return [];
    const revival = this.of(key).some(
      (next) =>
        next.op !== 'delete' &&
        (next.device === device ? next.seq > seq : next.version === undefined || next.version > base),
    );
    return revival ? [] : [this.complain(key, `lost: deletion of ${key} by device ${device}`)];
  }

  /** Whether the author of the later edit had seen the earlier one. */
  private saw(later: Acknowledged, earlier: Acknowledged, group: string, mark: string): boolean {
    if (later === earlier) return false;
    if (later.device === earlier.device) return later.seq > earlier.seq;
    const base = this.baseOf(later);
    const state = this.ledger.stateAt(later.key, base);
    if (state) return state.get(group) === mark;
    return base !== undefined && base >= (earlier.version ?? (earlier.base ?? 0) + 1);
  }

  /** An edit on top of an unsent one names no version: it has the base of the other one. */
  private baseOf(mutation: Acknowledged): number | undefined {
    if (mutation.base !== undefined) return mutation.base;
    const before = this.of(mutation.key)
      .filter(({ device, seq }) => device === mutation.device && seq < mutation.seq)
      .toSorted((a, b) => b.seq - a.seq)[0];
    return before && this.baseOf(before);
  }

  /** Whether a person resolved a conflict of the record, which replaces the earlier value. */
  private wasDecided(key: string): boolean {
    return this.ending.conflicts.some(
      (kept) => kept.key === key && ['use_mine', 'merged'].includes(kept.resolution ?? ''),
    );
  }
}

const text = (marks: Marks | undefined): string =>
  marks ? JSON.stringify(Object.fromEntries(marks)) : 'deleted';
