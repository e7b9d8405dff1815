import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RetentionService } from '../../../src/modules/sync/retention/retention.service.js';
import { TestApp } from '../../support/app.js';
import { DAY, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { drain, entry, live, pull, push, WEIGHT } from '../../support/weights.js';

const sample = { weight_value: 75.5, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' };

describe.runIf(hasDatabase())('weight, a phone that was offline for very long', () => {
  let app: TestApp;
  const clock = new TestClock();
  beforeAll(async () => {
    app = await TestApp.start({
      env: { ACCESS_TOKEN_TTL: '400d', REFRESH_ABSOLUTE_TTL: '400d', REFRESH_IDLE_TTL: '400d' },
      override: clock.install,
    });
  });
  afterAll(() => app.stop());

  it('F43 gets full_resync_required once later deletions are purged, and only then', async () => {
    const ada = await app.api.register();
    const id = (await ada.post(WEIGHT, sample)).body['id'] as string;
    const { next } = await drain(ada);
    await ada.delete(`${WEIGHT}/${id}`);
    clock.advance(181 * DAY);
    expect((await pull(ada, next)).body).toMatchObject({ entries: [{ deleted: true }] });
    expect((await pull(ada, next)).body).not.toHaveProperty('full_resync_required');
    await app.app.get(RetentionService).run();
    expect((await pull(ada, next)).body).toMatchObject({ entries: [], full_resync_required: true });
    const { body } = await pull(ada, (await drain(ada)).next);
    expect(body).not.toHaveProperty('full_resync_required');
  });

  it('F27 no new entry is created for a local_id whose entry was purged', async () => {
    const ada = (await app.api.register()).device('phone-a');
    const item = entry('local-1', { modified_at: '2026-01-06T20:30:00Z' });
    const { server_id } = (await push(ada, item)).body['synced'][0];
    await ada.delete(`${WEIGHT}/${server_id}`);
    clock.advance(181 * DAY);
    await app.app.get(RetentionService).run();
    const edit = { ...item, weight_value: 80 };
    const { status, body } = await push(
      ada,
      item,
      { ...item, server_id },
      edit,
      { ...edit, server_id },
      { local_id: 'local-1', deleted: true },
    );
    expect(status).toBe(200);
    const known = { local_id: 'local-1', server_id, status: 'duplicate' };
    expect(body['synced']).toEqual([known, known, { ...known, server_id: null, status: 'deleted' }]);
    const refused = {
      local_id: 'local-1',
      code: 'not-found',
      field: 'local_id',
      message: expect.any(String),
    };
    expect(body['rejected']).toEqual([refused, refused]);
    expect(live((await drain(ada)).entries).size).toBe(0);
  });
});
