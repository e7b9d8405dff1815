import type { TestingModuleBuilder } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ImportClaims } from '../../../src/modules/health/imports/import-claims.js';
import { ImportsPolicy } from '../../../src/modules/health/imports/imports.policy.js';
import { ImportsRepository } from '../../../src/modules/health/imports/imports.repository.js';
import { SourceDeletionSteps } from '../../../src/modules/health/sources/source-deletion-steps.js';
import { SourceDeletionsRepository } from '../../../src/modules/health/sources/source-deletions.repository.js';
import { SourcesPolicy } from '../../../src/modules/health/sources/sources.policy.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { MINUTE, TestClock } from '../../support/clock.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../../support/database.js';
import { bulk, reading } from '../../support/readings.js';
import { until } from '../../support/until.js';
import { begin, ended, filesOf, HastyPolicy, IMPORTS } from './support.js';

class HastyDeletions extends SourcesPolicy {
  override readonly pollMs: number = 20;
}

const hasty = (builder: TestingModuleBuilder): TestingModuleBuilder =>
  builder
    .overrideProvider(ImportsPolicy)
    .useClass(HastyPolicy)
    .overrideProvider(SourcesPolicy)
    .useClass(HastyDeletions);

/* What one instance works at, another leaves alone, however far ahead its clock is: leases end by the time of the database. */
describe.runIf(hasDatabase())('an instance whose clock is ten minutes ahead', () => {
  let database: TestDatabase;
  let app: TestApp;
  let ahead: TestApp;
  let ada: Api;
  beforeAll(async () => {
    database = await createDatabase();
    app = await TestApp.start({ database, override: hasty });
    const clock = new TestClock();
    clock.advance(10 * MINUTE);
    ahead = await TestApp.start({ database, override: (builder) => clock.install(hasty(builder)) });
    ada = await app.api.register();
  });
  afterAll(async () => {
    await ahead.stop();
    await app.stop();
    await database.drop();
  });

  /** Resolves when the method was called some times from now on. */
  async function calls<T extends object>(target: T, method: keyof T & string): Promise<void> {
    const seen = vi.spyOn(target, method as never);
    try {
      await until(() => seen.mock.calls.length >= 3);
    } finally {
      seen.mockRestore();
    }
  }

  it('does not take an upload for one of an instance that has died', async () => {
    const sending = begin(ada, {}, `?id=${ID}&time_zone=UTC`);
    await until(() => filesOf(app).length === 1);
    await calls(ahead.app.get(ImportClaims), 'underWay');
    const jobs = ahead.app.get(ImportsRepository);
    expect(await jobs.underWayOf(ada.userId)).toMatchObject([{ id: ID, status: 'uploading' }]);
    // The person asks the other instance.
    const distant = ahead.api.bearer(ada.account['access_token'] as string);
    const again = new FormData();
    again.append('file', new Blob(['a']), 'a.csv');
    const refused = await fetch(`${ahead.url}${IMPORTS}`, {
      method: 'POST',
      headers: distant.headers,
      body: again,
    });
    expect(refused.status).toBe(403);
    sending.end('Weight (kg)\n2026-01-13,82.5\n\r\n--x--\r\n');
    expect(await ended(ada, ID)).toMatchObject({ status: 'completed', records_created: 1 });
  });

  it('does not begin a deletion again that another works at', async () => {
    await bulk(ada, [reading('heart_rate', { source: 'watch', external_id: 'a' })]);
    const steps = app.app.get(SourceDeletionSteps);
    const distant = ahead.app.get(SourceDeletionsRepository);
    // It finds nothing until the other one has begun.
    const idle = vi.spyOn(distant, 'waiting').mockResolvedValue([]);
    const held = vi.spyOn(steps, 'delete').mockImplementationOnce(async function (job) {
      idle.mockRestore();
      await calls(distant, 'waiting');
      return steps.delete(job);
    });
    vi.spyOn(ahead.app.get(SourceDeletionSteps), 'delete').mockRejectedValue(new Error('not its turn'));
    const { body } = await ada.delete('/api/sources/watch');
    await until(async () => {
      const found = await ada.get(`/api/sources/deletions/${body['id'] as string}`);
      return found.body['status'] === 'deleted';
    });
    const job = await app.app.get(SourceDeletionsRepository).find(ada.userId, body['id'] as string);
    expect(job).toMatchObject({ attempts: 1, recordsDeleted: 1 });
    held.mockRestore();
  });
});

const ID = '0190a3f6-5a3e-7d3c-9d1f-0a4b7c6d5e10';
