import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RetentionService } from '../../../src/modules/sync/retention.service.js';
import { TestApp } from '../../support/app.js';
import { DAY, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { drain, pull, WEIGHT } from '../../support/weights.js';

const sample = { weight_value: 75.5, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' };

describe.runIf(hasDatabase())('weight, a phone that was away for very long', () => {
  let app: TestApp;
  const clock = new TestClock();
  beforeAll(async () => {
    app = await TestApp.start({
      env: { ACCESS_TOKEN_TTL: '400d', REFRESH_ABSOLUTE_TTL: '400d', REFRESH_IDLE_TTL: '400d' },
      override: clock.install,
    });
  });
  afterAll(() => app.stop());

  it('F43 is told to begin anew once deletions since then are purged, and only then', async () => {
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
});
