import type { TestingModuleBuilder } from '@nestjs/testing';
import { Database } from '../../../src/platform/database/database.js';
import type { Transaction } from '../../../src/platform/database/transaction.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import '../../../src/app.module.js';
import { sealRecords } from '../../../src/records/define/define-record.js';
import type { Answer, Api } from '../../support/api.js';
import { Device, drainSync, mealFields, shown, weightFields, type Wire } from '../../support/sync.js';

/** The names of all kinds, in the order of the API. The application is loaded, so every kind is defined. */
export const kindNames = sealRecords()
  .map(({ kind }) => kind)
  .toSorted();

/** Delays or fails commits, or loses answers: like a busy or failing database, from outside the product. */
export class FaultyUnits extends UnitOfWork {
  /** Runs before a transaction commits; an error fails the commit. */
  before: () => Promise<void> | void = () => undefined;
  /** Runs after a transaction has committed; an error loses the answer. */
  after: () => Promise<void> | void = () => undefined;

  protected override async commit(transaction: Transaction): Promise<void> {
    await this.before();
    await super.commit(transaction);
    await this.after();
  }

  heal(): void {
    this.before = this.after = () => undefined;
  }
}

/** For `TestApp.start({ override })`. */
export const faultyUnits =
  (keep: (units: FaultyUnits) => void) =>
  (builder: TestingModuleBuilder): TestingModuleBuilder =>
    builder.overrideProvider(UnitOfWork).useFactory({
      factory: (database: Database) => {
        const units = new FaultyUnits(database);
        keep(units);
        return units;
      },
      inject: [Database],
    });

/** A gate that is closed until a test opens it. */
export class Gate {
  private open: () => void = () => undefined;
  private arrive: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
  /** Settles when somebody waits at the gate. */
  readonly reached = new Promise<void>((resolve) => (this.arrive = resolve));

  async pass(): Promise<void> {
    this.arrive();
    await this.opened;
  }

  release(): void {
    this.open();
  }
}

/** The parts of a driver's error that the product reads. */
export const databaseError = (code: string): Error =>
  Object.assign(new Error(`${code} (by the test)`), { code });

/** The code of a problem. */
export const problemOf = ({ body }: Answer): string => String(body['type']).replace('/problems/', '');

export const statusesOf = (results: readonly Wire[]): string[] =>
  results.map(({ status }) => status as string);

/** Two phones of one person. */
export async function twoPhones(api: Api): Promise<{ person: Api; a: Device; b: Device }> {
  const person = await api.register();
  // By name a < b: if nothing else decides, b wins.
  const [a, b] = await Promise.all([new Device(person, 'a').ready(), new Device(person, 'b').ready()]);
  return { person, a, b };
}

export const before = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();

/** A record that both phones have, as the base of edits. */
export async function shared(device: Device, kind: string, fields?: Wire): Promise<Wire> {
  const made = device.create(kind, fields ?? (kind === 'weight' ? weightFields() : mealFields()), {
    modified_at: before(3_600_000),
  });
  const [result] = await device.push(made);
  return { kind, id: made['id'], version: result?.['version'] };
}

export const liveOf = async (api: Api): Promise<Map<string, Wire>> => shown((await drainSync(api)).changes);

/** The live record as a fresh phone gets it; undefined if there is none. */
export const seenOf = async (api: Api, id: string): Promise<Wire | undefined> => (await liveOf(api)).get(id);

export const conflictsOf = async (api: Api): Promise<Wire[]> =>
  (await api.get('/api/sync/conflicts')).body['data'] as Wire[];

/** Everything that would change if a write had been stored. */
export const everythingOf = async (api: Api): Promise<Wire> => ({
  changes: (await drainSync(api)).changes,
  head: (await api.get('/api/sync/status')).body['seq'],
  digest: (await api.get('/api/sync/digest')).body['kinds'],
});
