import { type EditOf, HaleError, ProblemError, Unreachable } from '@hale/client';
import { v7 as uuidv7 } from 'uuid';
import type { Random } from '../support/random.js';
import type { Counts } from './counts.js';
import type { Fleet } from './fleet.js';
import { NONSENSE } from './ledger.js';
import type { Phone } from './phone.js';
import { KINDS, type Kind, pick, Values } from './values.js';

const BURST_SIZE = 6;

/** The actions on one device. The same random numbers give the same actions in the same order. */
export class Actor {
  private readonly values: Values;
  private isOffline = false;

  constructor(
    private readonly phone: Phone,
    private readonly fleet: Fleet,
    private readonly counts: Counts,
    private readonly random: Random,
  ) {
    this.values = new Values(phone.options.device, random);
  }

  async act(times: number): Promise<void> {
    for (let count = 0; count < times; count++) {
      const dice = this.random();
      const [, work] = ACTIONS.find(([below]) => dice < below) ?? [];
      if (work) await this.attempt(() => work(this));
    }
  }

  /** Several edits, each sent at once, so that writes of different devices collide. */
  async burst(): Promise<void> {
    for (let count = 0; count < BURST_SIZE; count++) {
      await this.attempt(() => this.update());
      await this.attempt(() => this.sync());
    }
  }

  async create(): Promise<void> {
    const kind = this.kind();
    const fields = kind === 'weight' ? this.values.weight() : this.values.meal();
    const id = await this.phone.hale.records(kind).create(fields as never);
    this.entered(kind, id, fields);
  }

  async update(): Promise<void> {
    const [kind, id] = await this.choose();
    if (id === undefined) return;
    const fields = kind === 'weight' ? this.values.weight() : this.values.mealParts();
    await this.phone.hale.records(kind).update(id, fields as never);
    this.entered(kind, id, fields);
  }

  async delete(): Promise<void> {
    const [kind, id] = await this.choose();
    if (id === undefined) return;
    await this.phone.hale.records(kind).delete(id);
    this.entered(kind, id);
  }

  /** Edits two records as a group, or one and a new one. */
  async together(): Promise<void> {
    const [kind, id] = await this.choose();
    const [fields, made] = [
      kind === 'weight' ? this.values.weight() : this.values.mealParts(),
      this.values.weight(),
    ];
    const first = id === undefined ? [] : [{ kind, id, op: 'update', fields: { ...fields } } as EditOf<Kind>];
    const second: EditOf<Kind> = { kind: 'weight', id: this.newId(), op: 'create', fields: made };
    await this.phone.hale.together([...first, second]);
    for (const edit of [...first, second]) this.entered(edit.kind, edit.id, edit.fields);
  }

  /** Enters an invalid value. It may be refused, but must not delay other edits. */
  async enterInvalid(): Promise<void> {
    const fields = { ...this.values.meal(), time_zone: NONSENSE };
    const [kind, id] = await this.choose();
    if (kind === 'meal' && id !== undefined) {
      await this.phone.hale.records('meal').update(id, fields);
      this.phone.options.ledger.enterInvalid(this.phone.options.device, kind, id, fields);
    } else await this.phone.hale.records('meal').create(fields);
    this.counts.add('mistakes');
  }

  async resolveRefusal(): Promise<void> {
    const refused = pick(this.random, await this.phone.hale.needsAttention.list());
    if (!refused) return;
    const isGivenUp = this.random() < 0.5;
    if (isGivenUp || refused.kind !== 'meal') return this.phone.discard(refused);
    const fields = this.values.meal();
    await this.phone.hale.needsAttention.edit(refused.id, { ...fields });
    this.entered('meal', refused.recordId, fields);
  }

  async sync(): Promise<void> {
    const { phase } = await this.phone.hale.sync();
    if (['error', 'auth_required', 'upgrade_required'].includes(phase))
      throw new Error(
        `device ${this.phone.options.device}: ${phase} ${this.phone.hale.status.value.lastError}`,
      );
    // Otherwise the device would do all its other actions within the seconds that a process needs to start.
    if (phase !== 'idle') await this.fleet.up(this.phone.options.place);
  }

  async resolve(): Promise<void> {
    const { hale, options } = this.phone;
    const conflict = pick(this.random, await hale.conflicts.list());
    const choice = pick(this.random, ['keep_current', 'use_other', 'keep_both', 'merged'] as const);
    if (!conflict || !choice) return;
    const fields = conflict.record_kind === 'weight' ? this.values.weight() : this.values.meal();
    if (choice === 'merged') options.ledger.sending(conflict.record_kind, fields);
    await hale.conflicts.resolve(conflict.id, choice, choice === 'merged' ? { ...fields } : undefined);
    this.counts.add('resolved');
  }

  /** Causes a network fault for the next matching request. */
  disturb(): void {
    const { network } = this.phone.options;
    const to = pick(this.random, ['/api/sync/push', '/api/sync/push', '/api/sync/pull', '/api/']) ?? '';
    const faults: [string, () => Promise<unknown>][] = [
      ['drops', () => network.dropNextRequest(to)],
      ['lost', () => network.dropNextResponse(to)],
      ['lost', () => network.dropNextResponse(to)],
      ['duplicates', () => network.duplicateNextRequest(to)],
      ['cuts', () => network.cutNextResponse(to)],
      ['delays', () => network.delayNextRequest(Math.floor(this.random() * 150), to)],
      ['unavailable', () => network.failNextRequest(to)],
    ];
    const [name, order] = pick(this.random, faults) ?? ['', async () => undefined];
    void order().then(() => this.counts.add(name));
  }

  toggleNetwork(): void {
    this.isOffline = !this.isOffline;
    this.phone.options.network.refuse(this.isOffline);
  }

  async crash(): Promise<void> {
    this.counts.add('crashes');
    await this.phone.crash();
  }

  /** Switches to another process of the service and cuts open connections. */
  move(): void {
    const { options } = this.phone;
    options.place = (options.place + 1) % this.fleet.size;
    options.network.retarget(this.fleet.port(options.place));
    options.network.refuse(true);
    options.network.refuse(this.isOffline);
  }

  /** Sets the clock up to a day, or a year, wrong. */
  setClock(): void {
    const span = pick(this.random, [0, 50, 300_000, 86_400_000, 31_536_000_000]) ?? 0;
    this.phone.offset = Math.round((this.random() * 2 - 1) * span);
  }

  private async attempt(work: () => Promise<void> | void): Promise<void> {
    this.counts.add('actions');
    try {
      await work();
    } catch (error) {
      if (!isOrdinary(error)) throw error;
    }
  }

  private newId(): string {
    return uuidv7({ random: Uint8Array.from({ length: 16 }, () => Math.floor(this.random() * 256)) });
  }

  private kind(): Kind {
    return pick(this.random, KINDS) ?? 'weight';
  }

  /** One of the newest records: conflicts arise where all devices edit the same. */
  private async choose(): Promise<[Kind, string | undefined]> {
    const kind = this.kind();
    const items = await this.phone.hale.records(kind).list();
    return [kind, pick(this.random, items.slice(-6))?.id];
  }

  private entered(kind: Kind, id: string, fields?: object): void {
    this.counts.add('writes');
    this.phone.options.ledger.enter(this.phone.options.device, kind, id, fields);
  }
}

/** The actions with the upper bound of their share of the random number. */
const ACTIONS: readonly (readonly [number, (actor: Actor) => Promise<void> | void])[] = [
  [0.12, (actor) => actor.create()],
  [0.36, (actor) => actor.update()],
  [0.39, (actor) => actor.together()],
  [0.405, (actor) => actor.enterInvalid()],
  [0.42, (actor) => actor.resolveRefusal()],
  [0.48, (actor) => actor.delete()],
  [0.74, (actor) => actor.sync()],
  [0.86, (actor) => actor.disturb()],
  [0.9, (actor) => actor.toggleNetwork()],
  [0.94, (actor) => actor.resolve()],
  [0.96, (actor) => actor.crash()],
  [0.98, (actor) => actor.move()],
  [1, (actor) => actor.setClock()],
];

/** An expected error: the network was bad, or another device deleted the record. */
const isOrdinary = (error: unknown): boolean =>
  error instanceof Unreachable ||
  (error instanceof ProblemError && error.status === 503) ||
  (error instanceof HaleError && error.code === 'not-found');
