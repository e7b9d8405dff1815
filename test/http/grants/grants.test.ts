import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import { MailPolicy } from '../../../src/modules/identity/auth/mail-limits.js';
import { type Answer, type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { change, emailOf, personWith } from '../../support/people.js';
import { linkIn, SmtpSink } from '../../support/smtp.js';
import { until } from '../../support/until.js';
import { all, Log, newEmail, times } from '../auth/support.js';

const GRANTS = '/api/users/me/grants';
const WEIGHT = '/api/health-metrics/weight';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const weight = { weight_value: 71.25, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' };

describe.runIf(hasDatabase())('grants', () => {
  let app: TestApp;
  let sink: SmtpSink;
  let coach: Api;
  const clock = new TestClock();
  const log = new Log();
  beforeAll(async () => {
    sink = await SmtpSink.start();
    const mailsFrom = { ...new MailPolicy(), address: { most: 1_000, windowMs: HOUR } };
    app = await TestApp.start({
      env: { SMTP_URL: sink.url, AUTH_REQUIRE_VERIFIED_EMAIL: 'false', LOG_LEVEL: 'info' },
      override: all(clock.install, log.install, (builder) =>
        builder.overrideProvider(MailPolicy).useValue(mailsFrom),
      ),
    });
    coach = await personWith(app, 'coach');
  });
  afterAll(async () => {
    await app.stop();
    await sink.stop();
  });

  const inDays = (days: number) => new Date(clock.now() + days * DAY).toISOString();
  const grant = (owner: Api, to: Api, scopes = ['metrics:read'], days = 30): Promise<Answer> =>
    owner.post(GRANTS, { email: emailOf(to), scopes, until: inDays(days) });
  const read = (viewer: Api, owner: Api, path = WEIGHT) => viewer.get(`${path}?owner_id=${owner.userId}`);
  /** A person with a weight that the coach may read. */
  async function client(scopes?: string[]): Promise<Api & { grant: string }> {
    const person = await app.api.register({ display_name: 'Ada' });
    await person.post(WEIGHT, weight);
    const { body } = await grant(person, coach, scopes);
    await coach.get(`${GRANTS}/received`);
    return Object.assign(person, { grant: body['id'] as string });
  }

  it('45: what is computed from other data needs the scope of that data, too', async () => {
    const owner = await client(['goals:read']);
    await owner.post('/api/goals', {
      name: 'Less',
      subject: 'metric:body_weight',
      direction: 'reduce_to',
      target_max: 70,
      unit: 'kg',
      period: 'total',
      start_on: '2026-01-01',
    });
    const goals = async () => (await read(coach, owner, '/api/goals/today')).body['data'];
    expect(await goals()).toEqual([]);
    await grant(owner, coach);
    expect(await goals()).toMatchObject([{ current: { value: 71.25 } }]);
    const seen = (await owner.get('/api/users/me/access-log')).body['data'] as { fields: string[] }[];
    expect(seen.slice(0, 2).flatMap(({ fields }) => fields)).toEqual(
      expect.arrayContaining(['goals:read', 'metrics:read']),
    );
  });

  it('45: the coach can read the granted data, and nothing else; nobody else can', async () => {
    const owner = await client();
    const other = await personWith(app, 'coach');
    expect((await read(coach, owner)).body['data']).toMatchObject([{ weight_value: 71.25 }]);
    const id = (await owner.get(WEIGHT)).body['data'][0].id as string;
    expect((await read(coach, owner, `${WEIGHT}/${id}`)).status).toBe(200);
    for (const path of ['/api/meals', '/api/meals/summary', '/api/users/me'])
      expect([path, (await read(coach, owner, path)).status]).toEqual([path, 404]);
    for (const stranger of [other, await app.api.register(), await personWith(app, 'admin')])
      expect((await read(stranger, owner)).body['type']).toBe('/problems/not-found');
    // An id in the path is still looked up among the caller's own records.
    expect((await coach.get(`${WEIGHT}/${id}`)).status).toBe(404);
  });

  it('45: of the timeline the coach sees what is granted, and the owner sees the access', async () => {
    const owner = await client();
    await owner.post('/api/meals', {
      eaten_at: weight.timestamp,
      time_zone: 'UTC',
      meal_type: 'lunch',
      items: [],
    });
    const timeline = '/api/timeline';
    const kinds = async (answer: Promise<Answer>) =>
      (await answer).body['data'].map(({ kind }: { kind: string }) => kind);
    expect((await kinds(owner.get(timeline))).toSorted()).toEqual(['meal', 'weight']);
    expect(await kinds(read(coach, owner, timeline))).toEqual(['weight']);
    expect((await owner.get('/api/users/me/access-log')).body['data'][0]).toMatchObject({
      action: 'data.read',
      actor_id: coach.userId,
      target: owner.grant,
      fields: ['metrics:read'],
    });
    const named = `${timeline}?kinds=meal&owner_id=${owner.userId}`;
    expect((await coach.get(named)).body['type']).toBe('/problems/insufficient-scope');
    for (const stranger of [await personWith(app, 'coach'), await app.api.register()])
      expect((await read(stranger, owner, timeline)).body['type']).toBe('/problems/not-found');
    await grant(owner, coach, ['meals:read']);
    await coach.get(`${GRANTS}/received`);
    expect((await kinds(read(coach, owner, timeline))).toSorted()).toEqual(['meal', 'weight']);
    // The coach’s own timeline is that of the coach.
    expect(await kinds(coach.get(timeline))).toEqual([]);
    expect(await kinds(read(coach, coach, timeline))).toEqual([]);
  });

  it('45: a grant is only for reading: writes with the owner’s id are refused', async () => {
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

  it('47: a read does not count for the owner’s rate limit, and is in the owner’s access log', async () => {
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

  it('42: revoked, expired, demoted or closed: refused with the next request', async () => {
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

  it('the answer does not reveal whether an account has the address; a grant waits for the first who verifies it', async () => {
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
    // An account with the unverified address gets nothing.
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

  describe('a waiting grant goes to the first account that verifies the address', () => {
    /** Follows the link in the newest mail to the address. */
    async function follow(email: string, path: 'verify-email' | 'confirm-email'): Promise<void> {
      await app.app.get(OutboxWorker).drain();
      const links = sink.to(email).map((mail) => linkIn(mail));
      const token = /#token=(.+)$/.exec(links.findLast((link) => link.includes(path)) ?? '')?.[1];
      expect((await app.api.post(`/api/auth/${path}`, { token, password: PASSWORD })).status).toBe(204);
    }
    async function move(person: Api, to: string): Promise<void> {
      expect((await person.post('/api/users/me/email', { email: to })).status).toBe(202);
      await follow(to, 'confirm-email');
    }
    const received = async (person: Api): Promise<string[]> => {
      await change(app, "UPDATE users SET role = 'coach' WHERE id = ?", [person.userId]);
      const { data } = (await person.get(`${GRANTS}/received`)).body;
      return data.map(({ owner_id: owner }: { owner_id: string }) => owner);
    };

    it('by a mailed link, and keeps it with another address', async () => {
      const [owner, first] = [await app.api.register(), await app.api.register()];
      const address = emailOf(first);
      await grant(owner, first);
      await follow(address, 'verify-email');
      await move(first, newEmail());
      const second = await app.api.register({ email: address });
      await follow(address, 'verify-email');
      expect(await received(second)).toEqual([]);
      expect(await received(first)).toEqual([owner.userId]);
    });

    it('by changing to the address', async () => {
      const [owner, first] = [await app.api.register(), await app.api.register()];
      const address = newEmail();
      await owner.post(GRANTS, { email: address, scopes: ['metrics:read'] });
      await move(first, address);
      await move(first, newEmail());
      const second = await app.api.register({ email: address });
      await follow(address, 'verify-email');
      expect(await received(second)).toEqual([]);
      expect(await received(first)).toEqual([owner.userId]);
    });

    it('not to an account that gives it up without having verified it', async () => {
      const [owner, first] = [await app.api.register(), await app.api.register()];
      const address = emailOf(first);
      await grant(owner, first);
      await move(first, newEmail());
      const second = await app.api.register({ email: address });
      await follow(address, 'verify-email');
      expect(await received(first)).toEqual([]);
      expect(await received(second)).toEqual([owner.userId]);
    });

    it('also a grant that is created during the verification', async () => {
      const [owner, first] = [await app.api.register(), await app.api.register()];
      const address = emailOf(first);
      await grant(owner, first);
      // Verified before any grant was waiting.
      await change(app, 'UPDATE users SET email_verified_at = created_at WHERE id = ?', [first.userId]);
      await move(first, newEmail());
      const second = await app.api.register({ email: address });
      await follow(address, 'verify-email');
      expect(await received(second)).toEqual([]);
      expect(await received(first)).toEqual([owner.userId]);
    });
  });

  it('does not flood a mailbox: it gets three letters an hour, and all grants are created', async () => {
    const [owner, other] = [await app.api.register(), await personWith(app, 'coach')];
    for (const _ of times(5, Number)) {
      const { status, body } = await grant(owner, other);
      expect(status).toBe(201);
      expect((await read(other, owner)).status).toBe(200);
      expect((await owner.delete(`${GRANTS}/${body['id']}`)).status).toBe(204);
    }
    await app.app.get(OutboxWorker).drain();
    // After the letter that verifies the address.
    expect(sink.to(emailOf(other))).toHaveLength(1 + 3);
  });

  it('the service’s log names the caller', async () => {
    const owner = await client();
    const { headers } = await read(coach, owner);
    const lineOf = () => log.lines.find((line) => line['request_id'] === headers.get('x-request-id'));
    await until(lineOf);
    expect(lineOf()).toMatchObject({ user_id: coach.userId });
  });

  it('a grant is given to a person: their API key cannot use it', async () => {
    const owner = await client();
    const { body } = await coach.post('/api/api-keys', { name: 'x', scopes: ['metrics:read'] });
    const program = coach.bearer(body['key'] as string);
    const before = (await owner.get('/api/users/me/access-log')).body['pagination'].total as number;
    expect((await read(program, owner)).body['type']).toBe('/problems/insufficient-scope');
    expect((await owner.get('/api/users/me/access-log')).body['pagination'].total).toBe(before);
    expect((await read(program, coach)).status).toBe(200);
    expect((await read(coach, owner)).status).toBe(200);
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

  it('lasts for 30 days by default', async () => {
    const owner = await app.api.register();
    const { body } = await owner.post(GRANTS, { email: emailOf(coach), scopes: ['meals:read'] });
    expect(Date.parse(body['until']) - Date.parse(body['created_at'])).toBe(30 * DAY);
  });

  it('a grant to oneself is refused, and only coaches have a list', async () => {
    const owner = await app.api.register();
    expect((await grant(owner, owner)).body['errors'][0].field).toBe('email');
    expect((await owner.get(`${GRANTS}/received`)).body['type']).toBe('/problems/forbidden');
  });

  it('of 60 concurrent grants 50 are created', async () => {
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
