import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import type { Owner } from '../../src/records/define/owner.js';
import { ChangeSequence } from '../../src/records/write/change-sequence.js';
import { Records } from '../../src/records/write/records.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { withKinds } from '../support/kinds.js';
import { ScoresRepository, team, teams } from '../support/teams.js';

const LIMIT = 3;

describe.runIf(hasDatabase())('the quota of an owner that is no person', () => {
  let app: TestApp;
  let records: Records;
  beforeAll(async () => {
    app = await TestApp.start({ env: { QUOTA_RECORDS_PER_KIND: String(LIMIT) }, override: withKinds(teams) });
    records = app.app.get(Records);
  });
  afterAll(() => app.stop());

  async function newTeam(): Promise<Owner> {
    const owner = team(randomUUID());
    await app.app.get(UnitOfWork).run(async () => {
      await app.db.execute('INSERT INTO teams (id) VALUES (?)', [owner.id]);
      await app.app.get(ChangeSequence).create(owner);
    });
    return owner;
  }

  it('belongs to the team, whoever of its members writes, and to no other team', async () => {
    const [reds, blues] = [await newTeam(), await newTeam()];
    const create = (owner: Owner, deviceId: string) =>
      new ScoresRepository(records, owner).create({ deviceId }, undefined, { home: 'Home', points: 1 });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, at) => create(reds, at % 2 ? 'ada-phone' : 'bob-phone')),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(LIMIT);
    const reasons = results.flatMap((one) => (one.status === 'rejected' ? String(one.reason.message) : []));
    expect(new Set(reasons)).toEqual(new Set(['quota-exceeded']));
    expect(await records.counts(reds)).toEqual({ team_score: { live: LIMIT, deleted: 0 } });
    await create(blues, 'ada-phone');
    expect(await records.counts(blues)).toEqual({ team_score: { live: 1, deleted: 0 } });
  });
});
