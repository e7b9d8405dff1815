import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';

const PATH = '/api/health-metrics/weight';
const sample = { weight_value: 75.5, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' };

describe.runIf(hasDatabase())('weight, one at a time (FR-026)', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.api.register();
  });
  afterAll(() => app.stop());

  it('answers a creation with the fields of the contract', async () => {
    const { status, body } = await ada.post(PATH, sample);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      user_id: ada.userId,
      weight_value: 75.5,
      unit: 'kg',
      timestamp: '2026-01-06T20:30:00.000Z',
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      updated_at: body['created_at'],
      version: 1,
    });
    expect((await ada.get(`${PATH}/${body['id']}`)).body).toEqual(body);
  });
});
