import { randomUUID } from 'node:crypto';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Database } from '../../../src/platform/database/database.js';
import { DigestsService } from '../../../src/modules/sync/status/digests.service.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { ChangeSequence } from '../../../src/records/write/change-sequence.js';
import { digestOf } from '../../../tools/support/digest.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { type Device, mealFields, weightFields, type Wire } from '../../support/sync.js';
import { kindNames, liveOf, twoPhones } from './support.js';

/** Records that the service counts in one unit of work: fewer than usual, so that a test needs fewer records. */
const STEP = 100;

class ShortSteps extends DigestsService {
  protected override readonly step = STEP;
}

describe.runIf(hasDatabase())('sync, digests that are missing', () => {
  let app: TestApp;
  const random = seededRandom(chooseSeed());
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  beforeAll(async () => {
    const override = (builder: TestingModuleBuilder) =>
      builder.overrideProvider(DigestsService).useClass(ShortSteps);
    app = await TestApp.start({ override });
  });
  afterEach(() => void vi.restoreAllMocks());
  afterAll(() => app.stop());

  const store = (sql: string, ...values: string[]): Promise<number> =>
    app.app.get(UnitOfWork).run(() => app.db.execute(sql, values));
  /** As after a restore. */
  const forget = (person: Api): Promise<number> =>
    store('UPDATE user_sequences SET digests = NULL, digest_count = NULL WHERE user_id = ?', person.userId);
  const digest = async (person: Api): Promise<Wire> => {
    const { status, body } = await person.get('/api/sync/digest');
    expect(status).toBe(200);
    return Object.fromEntries(
      (body['kinds'] as Wire[]).map(({ kind, count, sum64 }) => [kind, { count, sum64 }]),
    );
  };
  /** What a phone computes of its own store. */
  async function truth(person: Api): Promise<Wire> {
    const live = [...(await liveOf(person)).values()];
    return Object.fromEntries(
      kindNames.map((kind) => [
        kind,
        digestOf(live.filter((change) => change['kind'] === kind) as { id: string; version: number }[]),
      ]),
    );
  }

  /** Ids from the whole range, so that they lie before and behind the place of a count. */
  async function fill(device: Device, weights: number, meals: number): Promise<Wire[]> {
    const kinds = [...Array<string>(weights).fill('weight'), ...Array<string>(meals).fill('meal')];
    const made = kinds.map((kind) => create(device, kind));
    for (let i = 0; i < made.length; i += 100) await device.push(...made.slice(i, i + 100));
    return made.map(({ kind, id }) => ({ kind, id }));
  }
  const create = (device: Device, kind: string): Wire =>
    device.create(kind, kind === 'weight' ? weightFields() : mealFields(), { id: randomUUID() });

  /** Some edits of any records, and new ones. */
  function edits(device: Device, records: Wire[]): Wire[] {
    return Array.from({ length: 1 + Math.floor(random() * 8) }, () => {
      const target = pick(records);
      const kind = pick(['weight', 'weight', 'meal']);
      const what = random();
      if (what < 0.35) {
        const made = create(device, kind);
        records.push({ kind, id: made['id'] });
        return made;
      }
      if (what < 0.6) return device.delete(target);
      const isWeight = target['kind'] === 'weight';
      return device.update(target, isWeight ? weightFields(60 + random() * 40) : { title: `${random()}` });
    });
  }

  it.each([1, 2, 3, 4, 5, 6])(
    'are exact although records change between all steps of the count (%#)',
    async () => {
      const { person, a, b } = await twoPhones(app.api);
      const records = await fill(a, 330, 60);
      await forget(person);
      const sequence = app.app.get(ChangeSequence);
      const head = sequence.head.bind(sequence);
      let written = 0;
      let writing = Promise.resolve();
      const write = async (): Promise<void> => {
        await Promise.all([a, b].map((device) => device.push(...edits(device, records))));
        written += 1;
      };
      // The service asks for the head between two steps, while it holds no lock.
      vi.spyOn(sequence, 'head').mockImplementation(async (owner) => {
        writing = writing.then(write);
        await writing;
        return head(owner);
      });
      await Promise.all([digest(person), digest(person), digest(person)]);
      expect(written).toBeGreaterThan(3);
      vi.restoreAllMocks();
      expect(await digest(person)).toEqual(await truth(person));
      await forget(person);
      expect(await digest(person)).toEqual(await truth(person));
      await a.push(...edits(a, records));
      expect(await digest(person)).toEqual(await truth(person));
    },
  );

  it('are counted in steps, between which the requests of others are served', async () => {
    const { person, a } = await twoPhones(app.api);
    await fill(a, 600, 0);
    await forget(person);
    const unit = vi.spyOn(UnitOfWork.prototype, 'run');
    let [inTurn, most, isCounting] = [0, 0, true];
    const read = Database.prototype.rows;
    vi.spyOn(Database.prototype, 'rows').mockImplementation(async function (this: Database, ...given) {
      const found = await read.apply(this, given);
      inTurn += found.length;
      most = Math.max(most, inTurn);
      return found as never;
    });
    const turn = (): void => {
      inTurn = 0;
      if (isCounting) setImmediate(turn);
    };
    turn();
    expect((await digest(person))['weight'].count).toBe(600);
    isCounting = false;
    expect(most).toBeLessThan(2 * STEP);
    expect(unit.mock.calls.length).toBeGreaterThanOrEqual(600 / STEP);
  });

  it('a count that failed goes on where it was', async () => {
    const { person, a } = await twoPhones(app.api);
    await fill(a, 360, 0);
    await forget(person);
    const read = Database.prototype.rows;
    let [pages, fails] = [0, true];
    vi.spyOn(Database.prototype, 'rows').mockImplementation(async function (this: Database, ...given) {
      if (given[0].includes('FROM `weight_entries`') && given[0].includes('id > ?')) {
        pages += 1;
        if (fails && pages === 3) throw Object.assign(new Error('by the test'), { code: 'ECONNRESET' });
      }
      return (await read.apply(this, given)) as never;
    });
    expect((await person.get('/api/sync/digest')).status).toBeGreaterThanOrEqual(500);
    [pages, fails] = [0, false];
    expect(await digest(person)).toEqual(await truth(person));
    // 200 were counted before.
    expect(pages).toBe(2);
  });

  it('a count that lacks a change begins again', async () => {
    const { person, a } = await twoPhones(app.api);
    await fill(a, 30, 5);
    const wrong = JSON.stringify(['34', 'weight', 'z', JSON.stringify({ weight: [9, '9', '9'] })]);
    await store(
      'UPDATE user_sequences SET digests = NULL, digest_count = ? WHERE user_id = ?',
      wrong,
      person.userId,
    );
    expect(await digest(person)).toEqual(await truth(person));
  });

  it('twenty requests at the same time count once', async () => {
    const { person, a } = await twoPhones(app.api);
    await fill(a, 250, 0);
    await forget(person);
    const read = Database.prototype.rows;
    let counted = 0;
    vi.spyOn(Database.prototype, 'rows').mockImplementation(async function (this: Database, ...given) {
      const found = await read.apply(this, given);
      if (given[0].includes('FROM `weight_entries`') && given[0].includes('id > ?')) counted += found.length;
      return found as never;
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => digest(person)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(counted).toBe(250);
    vi.restoreAllMocks();
    expect(answers[0]).toEqual(await truth(person));
  });
});
