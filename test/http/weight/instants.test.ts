import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';

const WEIGHT = '/api/health-metrics/weight';

describe.runIf(hasDatabase())('instants at the ends of the accepted years', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.api.register();
  });
  afterAll(() => app.stop());

  const enter = (timestamp: string) => ada.post(WEIGHT, { weight_value: 70, unit: 'kg', timestamp });

  it.each([
    '1900-01-01T00:00:00+00:01',
    '1900-01-01T13:59:59+14:00',
    '2199-12-31T23:59:59-00:01',
    '2199-12-31T24:00:00Z',
  ])('%s is outside this range in UTC, and is refused with the name of the field', async (timestamp) => {
    const { status, body } = await enter(timestamp);
    expect([status, body['errors']?.[0].field]).toEqual([422, 'timestamp']);
  });

  it('2200-01-01T00:59:59+01:00 is inside this range in UTC, and is refused as one of the future', async () => {
    const { status, body } = await enter('2200-01-01T00:59:59+01:00');
    expect([status, body['errors']]).toMatchObject([422, [{ field: 'timestamp', code: 'out-of-range' }]]);
    expect(body['errors'][0].message).toContain('24 hours');
  });

  it.each([
    ['1900-01-01T00:00:00Z', '1900-01-01T00:00:00.000Z'],
    ['1899-12-31T23:00:00-01:00', '1900-01-01T00:00:00.000Z'],
  ])('%s is inside this range in UTC, and its answer is accepted again', async (timestamp, inUtc) => {
    const first = await enter(timestamp);
    expect([first.status, first.body['timestamp']]).toEqual([201, inUtc]);
    const again = await enter(first.body['timestamp'] as string);
    expect([again.status, again.body['timestamp']]).toEqual([201, inUtc]);
  });
});
