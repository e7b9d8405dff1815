import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { change, emailOf, personWith } from '../../support/people.js';
import { times } from '../auth/support.js';

const GRANTS = '/api/users/me/grants';
const WEIGHT = '/api/health-metrics/weight';
const DAY = 86_400_000;
const weight = { weight_value: 71.25, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' };

describe.runIf(hasDatabase())('grants', () => {
  let app: TestApp;
  let coach: Api;
  const clock = new TestClock();
  beforeAll(async () => {
    app = await TestApp.start({ override: clock.install });
    coach = await personWith(app, 'coach');
  });
  afterAll(() => app.stop());

  const inDays = (days: number) => new Date(clock.now() + days * DAY).toISOString();
  const grant = (owner: Api, to: Api, scopes = ['metrics:read'], days = 30): Promise<Answer> =>
    owner.post(GRANTS, { email: emailOf(to), scopes, until: inDays(days) });
  const read = (viewer: Api, owner: Api, path = WEIGHT) => viewer.get(`${path}?owner_id=${owner.userId}`);
  /** A person with a weight, who has let the coach read it. */
  async function client(scopes?: string[]): Promise<Api & { grant: string }> {
    const person = await app.api.register({ display_name: 'Ada' });
    await person.post(WEIGHT, weight);
    const { body } = await grant(person, coach, scopes);
    await coach.get(`${GRANTS}/received`);
    return Object.assign(person, { grant: body['id'] as string });
  }

  it('45: what was granted can be read, by the one it was granted to, and nothing else', async () => {
    const owner = await client();
    const other = await personWith(app, 'coach');
    expect((await read(coach, owner)).body['data']).toMatchObject([{ weight_value: 71.25 }]);
    const id = (await owner.get(WEIGHT)).body['data'][0].id as string;
    expect((await read(coach, owner, `${WEIGHT}/${id}`)).status).toBe(200);
    for (const path of ['/api/meals', '/api/meals/summary', '/api/users/me'])
      expect([path, (await read(coach, owner, path)).status]).toEqual([path, 404]);
    for (const stranger of [other, await app.api.register(), await personWith(app, 'admin')])
      expect((await read(stranger, owner)).body['type']).toBe('/problems/not-found');
    // An id in the path is sought among the caller's own, as ever.
    expect((await coach.get(`${WEIGHT}/${id}`)).status).toBe(404);
  });

  it('45: a grant is for reading: the owner is not a place to write to', async () => {
    const owner = await client(['metrics:read', 'meals:read', 'profile:read']);
    const path = `${WEIGHT}?owner_id=${owner.userId}`;
    const answer = await coach.post(path, weight);
    expect([answer.status, answer.body['errors'][0].field]).toEqual([422, 'owner_id']);
    expect((await coach.get(`/api/sync/pull?owner_id=${owner.userId}`)).status).toBe(422);
    expect((await coach.get(`/api/auth/sessions?owner_id=${owner.userId}`)).status).toBe(422);
    expect((await coach.get(WEIGHT)).body['data']).toEqual([]);
    expect((await owner.get(WEIGHT)).body['data']).toHaveLength(1);
    for (const bad of ['', 'x', '*', `${owner.userId},${coach.userId}`])
      expect((await coach.get(`${WEIGHT}?owner_id=${bad}`)).status).toBe(422);
    expect((await coach.get(`${WEIGHT}?owner_id=${owner.userId}&owner_id=${coach.userId}`)).status).toBe(422);
  });

  it('47: a read does not count against the owner, and shows in the owner’s access log', async () => {
    const owner = await client();
    const before = (await owner.get('/api/users/me/access-log')).body['pagination'].total as number;
    const { headers } = await read(coach, owner);
    await read(coach, owner, '/api/meals');
    const { data, pagination } = (await owner.get('/api/users/me/access-log')).body;
    expect(pagination.total).toBe(before + 1);
    expect(data[0]).toMatchObject({
      action: 'data.read',
      by: 'somebody',
      actor_id: coach.userId,
      target: owner.grant,
      fields: ['metrics:read'],
      request_id: headers.get('x-request-id'),
    });
    expect(JSON.stringify(data)).not.toContain('71.25');
  });

  it('42: revoked, ended, demoted or closed: over with the next request', async () => {
    const owner = await client();
    expect((await read(coach, owner)).status).toBe(200);
    expect((await owner.delete(`${GRANTS}/${owner.grant}`)).status).toBe(204);
    expect((await read(coach, owner)).status).toBe(404);
    expect((await owner.delete(`${GRANTS}/${owner.grant}`)).status).toBe(404);

    await grant(owner, coach, ['metrics:read'], 5 / 1_440);
    expect((await read(coach, owner)).status).toBe(200);
    clock.advance(5 * 60_000);
    expect((await read(coach, owner)).status).toBe(404);
    expect((await owner.get(GRANTS)).body['data']).toEqual([]);

    await grant(owner, coach);
    expect((await read(coach, owner)).status).toBe(200);
    const admin = await personWith(app, 'admin');
    const set = (of: Api, body: object) => admin.patch(`/api/admin/users/${of.userId}?reason=support`, body);
    await set(coach, { role: 'user' });
    expect((await read(coach, owner)).status).toBe(404);
    await set(coach, { role: 'coach' });
    expect((await read(coach, owner)).status).toBe(200);
    await set(owner, { disabled: true });
    expect((await read(coach, owner)).status).toBe(404);
  });

  it('the answer does not tell whether anybody has the address; a grant waits for who shows to own it', async () => {
    const owner = await app.api.register();
    await owner.post(WEIGHT, weight);
    const email = 'Nobody.Yet@example.org';
    const body = { email, scopes: ['metrics:read'], until: inDays(30) };
    const [unknown, known] = [
      await owner.post(GRANTS, body),
      await owner.post(GRANTS, { ...body, email: emailOf(coach) }),
    ];
    expect([unknown.status, known.status]).toEqual([201, 201]);
    expect(Object.keys(unknown.body)).toEqual(Object.keys(known.body));
    expect(unknown.body['email']).toBe('nobody.yet@example.org');
    // Whoever takes the address without showing that it is theirs gets nothing.
    const squatter = await personWith(app, 'coach');
    await change(app, 'UPDATE users SET email = ?, email_verified_at = NULL WHERE id = ?', [
      'nobody.yet@example.org',
      squatter.userId,
    ]);
    expect((await squatter.get(`${GRANTS}/received`)).body['data']).toEqual([]);
    expect((await read(squatter, owner)).status).toBe(404);
    await change(app, 'UPDATE users SET email_verified_at = created_at WHERE id = ?', [squatter.userId]);
    expect((await squatter.get(`${GRANTS}/received`)).body['data']).toMatchObject([
      { id: unknown.body['id'], owner_id: owner.userId, display_name: null, scopes: ['metrics:read'] },
    ]);
    expect((await read(squatter, owner)).status).toBe(200);
    // From then on the account counts, not the address.
    await change(app, 'UPDATE users SET email = ? WHERE id = ?', ['moved@example.org', squatter.userId]);
    expect((await read(squatter, owner)).status).toBe(200);
  });

  it.each([
    ['scopes', { scopes: [] }],
    ['scopes', { scopes: ['metrics:write'] }],
    ['scopes', { scopes: ['metrics:read', 'metrics:read'] }],
    ['until', { until: '2020-01-01T00:00:00Z' }],
    ['until', { until: '2199-01-01T00:00:00Z' }],
    ['email', { email: 'no address' }],
    ['user_id', { user_id: '019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33' }],
  ])('a grant with a wrong %s is refused: %j', async (field, wrong) => {
    const owner = await app.api.register();
    const body = { email: emailOf(coach), scopes: ['metrics:read'], until: inDays(30), ...wrong };
    const answer = await owner.post(GRANTS, body);
    expect([answer.status, answer.body['errors'][0].field.split('.')[0]]).toEqual([422, field]);
    expect((await owner.get(GRANTS)).body['data']).toEqual([]);
  });

  it('lasts for 30 days, unless said otherwise', async () => {
    const owner = await app.api.register();
    const { body } = await owner.post(GRANTS, { email: emailOf(coach), scopes: ['meals:read'] });
    expect(Date.parse(body['until']) - Date.parse(body['created_at'])).toBe(30 * DAY);
  });

  it('nobody grants to themselves, and only coaches have a list', async () => {
    const owner = await app.api.register();
    expect((await grant(owner, owner)).body['errors'][0].field).toBe('email');
    expect((await owner.get(`${GRANTS}/received`)).body['type']).toBe('/problems/forbidden');
  });

  it('of a burst of 60 grants 50 hold', async () => {
    const owner = await app.api.register();
    const answers = await Promise.all(times(60, () => grant(owner, coach)));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(50);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
    expect((await owner.get(GRANTS)).body['data']).toHaveLength(50);
  });

  it('28: giving one needs a fresh proof', async () => {
    const owner = await app.api.register();
    clock.advance(11 * 60_000);
    expect((await grant(owner, coach)).body['type']).toBe('/problems/step-up-required');
  });
});
