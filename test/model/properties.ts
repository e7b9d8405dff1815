import { compareStamps, type EditStamp } from '../../src/records/merge/edit-stamp.js';
import type { Edit, RecordState } from '../../src/records/merge/merge.js';
import { originOf, resolve } from './resolve.js';
import type { Rules } from './rules.js';
import type { MergeEvent, Row, Watch } from './server-state.js';
import { contentOf } from './store.js';
import type { Change, Mutation } from './wire.js';
import { LIFE, type Write } from './writes.js';

/** A property was violated. */
export class Violation extends Error {
  constructor(
    readonly property: string,
    what: string,
  ) {
    super(`${property}: ${what}`);
  }
}

export function require(holds: boolean, property: string, what: () => string): asserts holds {
  if (!holds) throw new Violation(property, what());
}

const asText = (value: unknown): string => JSON.stringify(value);

/** The properties that must always be true, checked from outside the service. */
export class Properties implements Watch {
  /** The edit of a person that a mutation sends, and everything that its author had seen. */
  readonly origins = new WeakMap<Mutation, { write: Write | undefined; known: ReadonlySet<string> }>();
  /** The contents that were ever in a conflict. */
  readonly kept = new Set<string>();
  private readonly taken = new Set<string>();
  /** The number of each record in the order of changes. */
  private places = new Map<string, number>();
  /**
   * Records whose tombstone was purged. If they are created again, their versions start again: a phone that was offline may
   * mean another state by the same version. That takes half a year, so it does not count as a violation.
   */
  readonly reborn = new Set<string>();
  private newest = 0;
  private told = 0;
  private history = 0;
  private readonly previous = new Map<string, { before: RecordState; edit: Edit }>();

  constructor(
    private readonly rules: Rules,
    private readonly rows: () => Iterable<Row>,
  ) {}

  committed({ id, seq }: Row): void {
    require(seq > this.newest, 'P1', () => `${id} gets the number ${seq} after ${this.newest}`);
    require(seq > this.told, 'P1', () =>
      `${id} gets the number ${seq}, but a page has already been read up to ${this.told}`);
    this.newest = seq;
    this.places.set(id, seq);
  }

  /** P1: a page contains exactly the newest changes between two numbers. */
  answered({ from, upTo, changes }: { from: number; upTo: number; changes: readonly Change[] }): void {
    const expected = [...this.places.values()].filter((seq) => seq > from && seq <= upTo);
    const found = changes.map(({ seq }) => seq);
    require(asText(found) === asText(expected.toSorted((a, b) => a - b)), 'P1', () =>
      `between ${from} and ${upTo} came ${asText(found)}, not ${asText(expected)}`);
    this.told = Math.max(this.told, upTo);
  }

  restored(): void {
    this.places = new Map([...this.rows()].map(({ id, seq }) => [id, seq]));
    this.newest = Math.max(0, ...this.places.values());
    this.told = 0;
    this.history += 1;
    this.taken.clear();
    this.previous.clear();
  }

  purged(id: string): void {
    this.reborn.add(id);
  }

  merged(clientId: string, mutation: Mutation, event: MergeEvent): void {
    const name = `${clientId} ${mutation.mutationId}`;
    require(!this.taken.has(name), 'P5', () => `${name} took effect again`);
    this.taken.add(name);
    for (const content of event.kept) this.kept.add(content);
    this.stamp(clientId, mutation, event);
    if (!event.before || !event.after) return;
    if (!mutation.unseen) this.checkOwn(clientId, mutation, event.after);
    this.checkSilence(mutation, event.before, event.after, event);
    this.checkOrder(clientId, mutation, event.before, event);
  }

  private stamp(clientId: string, mutation: Mutation, { time, merge, after, before }: MergeEvent): void {
    const write = this.origins.get(mutation)?.write;
    if (!write || !after) return;
    const { stamps } = write;
    // An edit that was not acknowledged before the restore is judged again.
    if (write.history !== this.history && write.acked === undefined) stamps.clear();
    write.history = this.history;
    const own = { time, counter: 0, device: clientId, deviceSeq: mutation.clientSeq };
    const note = (register: string, stamp: EditStamp) => {
      const old = stamps.get(register);
      if (!old || compareStamps(old, stamp) < 0) stamps.set(register, stamp);
    };
    for (const group of Object.keys(mutation.fields)) {
      const isWon = !before || merge?.won.includes(group);
      note(group, isWon ? after.groups[group]!.stamp : own);
    }
    const isCurrent = originOf(after.stamp).deviceSeq === mutation.clientSeq;
    note(LIFE, isCurrent && originOf(after.stamp).device === clientId ? after.stamp : own);
  }

  /** P6: a client's later edit never loses to its own earlier edit. */
  private checkOwn(clientId: string, mutation: Mutation, after: RecordState): void {
    const isBeaten = (stamp: EditStamp): boolean => {
      const { device, deviceSeq } = originOf(stamp);
      return device === clientId && deviceSeq < mutation.clientSeq;
    };
    const what = () => `${asText(mutation)} lost to an earlier edit of ${clientId}`;
    for (const [group, content] of Object.entries(mutation.fields)) {
      const held = after.groups[group]!;
      require(held.content === content || !isBeaten(held.stamp), 'P6', what);
    }
    require(after.deleted === (mutation.op === 'delete') || !isBeaten(after.stamp), 'P6', what);
  }

  /** P7: a value that is replaced without a conflict was known to the author of the edit. */
  private checkSilence(
    mutation: Mutation,
    before: RecordState,
    after: RecordState,
    { merge, kept }: MergeEvent,
  ): void {
    const { write, known } = this.origins.get(mutation) ?? {};
    // A state that is sent again after a restore was made by other people too: the ledger checks what they had seen.
    if (!write || !known || this.reborn.has(mutation.id) || before.deleted || after.deleted) return;
    for (const group of merge?.won ?? []) {
      const old = before.groups[group]?.content;
      if (old === undefined || old === mutation.fields[group]) continue;
      const name = contentOf(group, old);
      require(known.has(name) || kept.includes(name), 'P7', () =>
        `${asText(mutation)} silently replaced ${old}, which its author never saw`);
    }
  }

  /** P4: two successive edits without knowledge of each other give the same result in the other order. */
  private checkOrder(clientId: string, mutation: Mutation, before: RecordState, { time }: MergeEvent): void {
    const { op, fields, unseen } = mutation;
    if (unseen) return;
    const stamp = { time, counter: 0, device: clientId, deviceSeq: mutation.clientSeq };
    const edit: Edit = { stamp, deletes: op === 'delete', groups: fields };
    const first = this.previous.get(mutation.id);
    this.previous.set(mutation.id, { before, edit });
    if (!first) return;
    const held = [first.before.stamp, ...Object.values(first.before.groups).map((group) => group.stamp)];
    const devices = new Set(held.map((stamp) => originOf(stamp).device));
    const one = first.edit.stamp.device;
    if (one === clientId || devices.has(one) || devices.has(clientId)) return;
    const play = (...edits: Edit[]): string => {
      const state = edits.reduce((held, next) => resolve(this.rules, held, next).state, first.before);
      return asText([state.deleted, ...Object.values(state.groups).map(({ content }) => content)]);
    };
    require(play(first.edit, edit) === play(edit, first.edit), 'P4', () =>
      `${asText(first.edit)} and ${asText(edit)} give different results in different orders`);
  }
}
