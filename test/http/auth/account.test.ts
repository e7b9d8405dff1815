import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Passwords } from '../../../src/modules/identity/auth/passwords.js';
import { placeholders } from '../../../src/platform/database/database.js';
import type { Transaction } from '../../../src/platform/database/transaction.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { type Answer, type Api, PASSWORD } from '../../support/api.js';
import type { TestApp } from '../../support/app.js';
import { addPasskey, Authenticator } from '../../support/authenticator.js';
import { DAY, fromNow, MINUTE, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { Secured } from '../../support/totp.js';
import { until } from '../../support/until.js';
import { entry, pull, push, WEIGHT } from '../../support/weights.js';
import {
  login,
  ME,
  newEmail,
  outcome,
  Phone,
  REGISTER,
  SESSIONS,
  startTwo,
  tally,
  times,
  TRUST,
} from './support.js';
import { Device, mealFields } from '../../support/sync.js';
import { kinds, storeReferences } from '../../contract/kinds.support.js';
import { imported } from '../imports/support.js';
import { EpochsService } from '../../../src/modules/sync/pull/epochs.service.js';

const REVOKED = '401 session-revoked';
const NEXT = 'another good passphrase';
const sample = { weight_value: 75.5, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' };

describe.runIf(hasDatabase())('accounts', () => {
  let app: TestApp;
  let second: TestApp;
  const clock = new TestClock();
  let person: Api;
  let phone: Phone;
  beforeAll(async () => {
    [app, second] = await startTwo({ override: clock.install });
  });
  afterAll(async () => {
    await second.stop();
    await app.stop();
  });
  beforeEach(async () => {
    const registered = await Phone.register(app.api);
    [phone, person] = [registered, registered.person];
  });

  const register = (email: string, extra: object = {}, api = app.api): Promise<Answer> =>
    api.post(REGISTER, { email, password: PASSWORD, ...extra });

  /** As a tracker exports it. */
  const WEIGHTS = `Id,Date,WeightKg,WeightPounds,Fat,BMI,IsManualReport,LogId
77,5/2/2016 11:59:59 PM,63,138.9,,,FALSE,1.46044E+12
`;

  /** Tables that name their owner in a column other than `user_id`. */
  const through: Readonly<Record<string, string>> = {
    users: 'id = ?',
    api_key_nonces: 'key_id IN (SELECT id FROM api_keys WHERE user_id = ?)',
    oauth_flows: 'linker_id = ?',
    oauth_codes: 'linker_id = ?',
  };

  /** Tables with hashes that belong to nobody and expire. */
  const anonymous = new Set(['used_id_tokens', 'passkey_challenges']);

  /** Tables of foods that belong to nobody. No column says who asked for one. */
  const reference = new Set(['shared_foods', 'shared_food_words', 'shared_food_places', 'barcode_lookups']);

  /** By table, all rows that belong to a person. */
  async function belongings(userId: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { tableName, columns } of app.db.writer.entityMetadatas) {
      // Kept after the account is deleted, without identifying its owner.
      if (tableName.startsWith('audit_') || anonymous.has(tableName) || reference.has(tableName)) continue;
      const owner =
        through[tableName] ??
        columns.find(({ databaseName }) => databaseName === 'user_id')?.databaseName.concat(' = ?');
      if (owner === undefined)
        throw new Error(`${tableName} has no owner: say here what becomes of its rows`);
      const [row] = await app.db.rows<{ n: number }>(
        `SELECT COUNT(*) AS n FROM ${tableName} WHERE ${owner}`,
        [userId],
      );
      counts[tableName] = Number(row!.n);
    }
    return counts;
  }

  /** Creates rows in every table that an account can have rows in. */
  async function fill(owner: Api): Promise<Secured> {
    const device = owner.device('filler');
    expect((await device.with({ 'idempotency-key': 'one' }).post(WEIGHT, sample)).status).toBe(201);
    expect((await push(device, entry('a'), entry('b'))).status).toBe(200);
    const gone = (await device.post(WEIGHT, sample)).body['id'];
    expect((await device.delete(`${WEIGHT}/${gone}`)).status).toBe(204);
    expect((await pull(device)).status).toBe(200);
    await owner.login({ device_id: 'tablet' });
    const grant = { email: 'coach@example.org', scopes: ['metrics:read'], until: fromNow(DAY) };
    expect((await owner.post(`${ME}/grants`, grant)).status).toBe(201);
    await fillSync(owner);
    await imported(owner, { content: WEIGHTS });
    const { source } = (await owner.get('/api/sources')).body['data'][0];
    expect((await owner.delete(`/api/sources/${source}`)).status).toBe(200);
    return fillCredentials(owner);
  }

  /** Creates all credentials, and those that are being set up. */
  async function fillCredentials(owner: Api): Promise<Secured> {
    const key = await owner.post('/api/api-keys', { name: 'scale', scopes: ['metrics:write'] });
    expect((await addPasskey(owner, new Authenticator('http://localhost:3000'))).status).toBe(201);
    const secured = await Secured.of(owner, clock);
    expect((await login(app.api, owner.account['email'])).status).toBe(202);
    const [id, hash, then] = [randomUUID(), randomUUID(), '2199-01-01 00:00:00.000'];
    const insert = (table: string, row: Readonly<Record<string, string>>) =>
      change(
        app,
        `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${placeholders(Object.keys(row).length)})`,
        Object.values(row),
      );
    await insert('api_key_nonces', { key_id: key.body['id'], nonce: 'once-only', expires_at: then });
    await insert('identities', {
      id,
      user_id: owner.userId,
      provider: 'google',
      issuer: 'https://issuer.example',
      subject: id,
      created_at: then,
      last_used_at: then,
    });
    const sums = { metric: 'steps', month: '2026-01', component: '', basis: '', days: '[]' };
    await insert('metric_month_sums', { user_id: owner.userId, ...sums });
    const of = { start_on: '2026-01-06', end_on: '2026-01-06', counted_to: '2026-01-06' };
    const period = { goal_id: id, ...of, is_partial: '0', status: 'open' };
    await insert('goal_periods', { user_id: owner.userId, ...period });
    await insert('import_overwritten', { user_id: owner.userId, record_id: id, import_id: id });
    const linking = { linker_id: owner.userId, app_challenge: hash, expires_at: then };
    await insert('oauth_codes', { ...linking, code_hash: hash, identity: '' });
    await insert('oauth_flows', {
      ...linking,
      state_hash: hash,
      provider: 'google',
      browser_hash: hash,
      secrets: '',
      app_link: 'hale://in',
    });
    return secured;
  }

  /** Two devices that edit one meal independently, and a restored database. */
  async function fillSync(owner: Api): Promise<void> {
    const [one, other] = [await new Device(owner).ready(), await new Device(owner).ready()];
    const meal = one.create('meal', mealFields());
    await one.push(meal, one.update({ ...meal, version: 1 }, { title: 'mine' }));
    const [result] = await other.push(other.update({ ...meal, version: 1 }, { title: 'theirs' }));
    expect(result?.['status']).toBe('conflict');
    for (const kind of kinds) {
      await storeReferences(owner, kind.example);
      expect((await owner.post(kind.path, kind.example)).status).toBe(201);
    }
    await app.app.get(EpochsService).beginForAll();
  }

  async function dump(): Promise<string> {
    const tables = app.db.writer.entityMetadatas.map(({ tableName }) =>
      app.db.rows(`SELECT * FROM ${tableName}`),
    );
    return JSON.stringify(await Promise.all(tables));
  }

  it('register races: of 20 with one address one creates an account, the others get email-taken', async () => {
    for (const apis of [[app], [app, second]]) {
      const email = newEmail();
      const answers = await Promise.all(times(20, (i) => register(email, {}, apis[i % apis.length]!.api)));
      expect(tally(answers)).toEqual({ 201: 1, '409 email-taken': 19 });
      const winner = answers.find(({ status }) => status === 201)!;
      expect(outcome(await app.api.bearer(winner.body['access_token']).get(ME))).toBe('200');
      expect(await belongings(winner.body['user'].id)).toMatchObject({
        users: 1,
        sessions: 1,
        user_sequences: 1,
      });
    }
  });

  it('register races: the same with different spellings of the address', async () => {
    const email = `müller.${newEmail()}`;
    const spellings = [
      email,
      email.toUpperCase(),
      email.normalize('NFD'),
      email.toUpperCase().normalize('NFD'),
    ];
    const answers = await Promise.all(times(20, (i) => register(spellings[i % 4]!)));
    expect(tally(answers)).toEqual({ 201: 1, '409 email-taken': 19 });
  });

  it.each([
    ['another case', (email: string) => email.toUpperCase()],
    ['a space at the end, as keyboards add it', (email: string) => `${email} `],
    ['spaces around', (email: string) => `  ${email} `],
    ['decomposed letters (NFD)', (email: string) => email.normalize('NFD')],
    ['all of these', (email: string) => ` ${email.toUpperCase().normalize('NFD')} `],
  ])('e-mail identity: %s is the same account, at register and at login', async (_what, spell) => {
    const email = `änne.özil.${newEmail()}`.normalize('NFC');
    const made = await register(email);
    expect(outcome(made)).toBe('201');
    const refused = await register(spell(email));
    expect(outcome(refused)).toBe('409 email-taken');
    expect(refused.body['detail']).toMatch(/taken.*api\/auth\/login.*forgot-password/);
    const answer = await login(app.api, spell(email));
    expect(outcome(answer)).toBe('200');
    expect(answer.body['user']).toEqual(made.body['user']);
    const other = `änne.özil.${newEmail()}`.normalize('NFC');
    const spelled = await register(spell(other));
    expect([spelled.status, spelled.body['user']?.email], 'kept in one form').toEqual([201, other]);
    expect(outcome(await login(app.api, other))).toBe('200');
  });

  it.each([
    ['a Cyrillic а', 'anna', 'аnna'],
    ['ä and a', 'anna', 'änna'],
    ['ß and ss', 'gross', 'groß'],
    ['full-width letters', 'anna', 'ａnna'],
    ['a dot', 'an.na', 'anna'],
    ['a tag', 'anna', 'anna+hale'],
    ['a ligature', 'fina', 'ﬁna'],
    ['a dotless i', 'ina', 'ına'],
  ])('e-mail identity: %s makes another account', async (_what, one, other) => {
    const tail = `.${newEmail()}`;
    const ids = new Set<string>();
    for (const name of [one, other]) {
      const answer = await register(name + tail);
      expect(outcome(answer), name).toBe('201');
      ids.add(answer.body['user'].id);
    }
    expect(ids.size).toBe(2);
    for (const name of [one, other])
      expect((await login(app.api, name + tail)).body['user'].email).toBe(name + tail);
  });

  it.each([
    '',
    'plain',
    'a@',
    '@b.example',
    'a@b',
    'a b@example.org',
    'a@example.org\u0000',
    'a@exa\nmple.org',
    `${'x'.repeat(250)}@example.org`,
    // Twice as long in lower case.
    `a@${'İ'.repeat(60)}.${'İ'.repeat(60)}.${'İ'.repeat(60)}.${'İ'.repeat(60)}.org`,
    null,
    7,
    [['a@example.org']],
    {},
  ])('e-mail identity: %j is no address', async (email) => {
    const answer = await app.api.post(REGISTER, { email, password: PASSWORD });
    expect(outcome(answer)).toBe('422 validation');
    expect(answer.body['errors'].map(({ field }: { field: string }) => field)).toEqual(['email']);
    expect((await app.api.post('/api/auth/login', { email, password: PASSWORD })).status).toBe(422);
  });

  it('profile: registers with the given values, and changes only what is sent', async () => {
    const made = await register(newEmail(), {
      display_name: 'Ada',
      locale: 'de-AT',
      time_zone: 'Europe/Vienna',
      weight_unit: 'lb',
    });
    const api = app.api.bearer(made.body['access_token']);
    expect(made.body['user']).toMatchObject({
      display_name: 'Ada',
      locale: 'de-AT',
      time_zone: 'Europe/Vienna',
      weight_unit: 'lb',
    });
    clock.advance(1_000);
    const changed = await api.patch(ME, { time_zone: 'Asia/Kathmandu' });
    expect(changed.body).toEqual({
      ...made.body['user'],
      time_zone: 'Asia/Kathmandu',
      updated_at: expect.any(String),
    });
    expect(changed.body['updated_at'] > made.body['user'].updated_at).toBe(true);
    expect((await api.patch(ME, { display_name: null })).body['display_name']).toBeNull();
    expect((await api.get(ME)).body).toMatchObject({
      display_name: null,
      time_zone: 'Asia/Kathmandu',
      locale: 'de-AT',
    });
  });

  it.each([
    ['an unknown field', { display_nam: 'Ada' }, 'display_nam', 'unknown-field'],
    ['null where there must be a value', { locale: null }, 'locale', 'wrong-type'],
    ['null for the time zone', { time_zone: null }, 'time_zone', 'wrong-type'],
    ['null for the unit', { weight_unit: null }, 'weight_unit', 'not-allowed'],
    ['a time zone that does not exist', { time_zone: 'Mars/Phobos' }, 'time_zone', 'invalid'],
    ['an empty time zone', { time_zone: '' }, 'time_zone', 'out-of-range'],
    ['an offset as time zone', { time_zone: 'GMT+25' }, 'time_zone', 'invalid'],
    ['a path as time zone', { time_zone: '../../etc/passwd' }, 'time_zone', 'invalid'],
    ['a unit nobody knows', { weight_unit: 'slug' }, 'weight_unit', 'not-allowed'],
    ['a language that is none', { locale: 'not a locale' }, 'locale', 'invalid'],
    ['a number as name', { display_name: 7 }, 'display_name', 'wrong-type'],
    ['an empty name', { display_name: '' }, 'display_name', 'out-of-range'],
    ['a name of 101 characters', { display_name: 'x'.repeat(101) }, 'display_name', 'out-of-range'],
    ['a control character', { display_name: 'A\u0000da' }, 'display_name', 'invalid'],
    ['a lone surrogate', { display_name: 'A\ud800' }, 'display_name', 'invalid'],
    ['an object', { display_name: { $ne: null } }, 'display_name', 'wrong-type'],
    ['a list', [], 'body', 'wrong-type'],
  ])('profile: refuses %s, and nothing changes', async (_what, body, field, code) => {
    const before = (await person.get(ME)).body;
    const answer = await person.patch(ME, Array.isArray(body) ? body : { locale: 'fr', ...body });
    expect(outcome(answer)).toBe('422 validation');
    expect(answer.body['errors']).toEqual([{ field, code, message: expect.any(String) }]);
    expect((await person.get(ME)).body).toEqual(before);
  });

  const foreign = {
    id: '0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33',
    email: 'other@example.org',
    password: NEXT,
    password_hash: '$argon2id$x',
    passwordHash: '$argon2id$x',
    role: 'admin',
    is_admin: true,
    user_id: '0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33',
    created_at: '2000-01-01T00:00:00.000Z',
    updated_at: '2000-01-01T00:00:00.000Z',
    displayName: 'Eve',
    timeZone: 'UTC',
    toString: 'x',
    valueOf: 'x',
  };

  it.each(Object.entries(foreign))('mass assignment: %s cannot be set by PATCH', async (field, value) => {
    const before = (await person.get(ME)).body;
    const answer = await person.patch(ME, { display_name: 'Eve', [field]: value });
    expect(outcome(answer)).toBe('422 validation');
    expect(answer.body['errors']).toEqual([{ field, code: 'unknown-field', message: expect.any(String) }]);
    expect((await person.get(ME)).body).toEqual(before);
    expect(outcome(await login(app.api, person.account['email']))).toBe('200');
  });

  const { email: _email, password: _password, ...notForSignUp } = foreign;
  it.each(Object.entries(notForSignUp))(
    'mass assignment: %s cannot be set at sign-up',
    async (field, value) => {
      const email = newEmail();
      expect(outcome(await register(email, { [field]: value }))).toBe('422 validation');
      expect(outcome(await login(app.api, email))).toBe('401 invalid-credentials');
    },
  );

  it('mass assignment: no key reaches a prototype', async () => {
    for (const body of [
      '{"__proto__":{"role":"admin"}}',
      '{"constructor":{"prototype":{"role":"admin"}}}',
      '{"display_name":"x","__proto__":null}',
    ])
      for (const [method, path] of [
        ['PATCH', ME],
        ['POST', REGISTER],
      ] as const)
        expect(
          (await person.with({ 'content-type': 'application/json' }).send(method, path, body)).status,
        ).toBe(400);
    expect(({} as Record<string, unknown>)['role']).toBeUndefined();
  });

  it('28 deletion: needs a fresh proof, and deletes nothing without one', async () => {
    const secured = await fill(person);
    const before = await belongings(person.userId);
    clock.advance(11 * MINUTE);
    expect(outcome(await person.delete(ME))).toBe('403 step-up-required');
    expect(await belongings(person.userId)).toEqual(before);
    const proof = { password: PASSWORD, code: secured.nextCode() };
    const { body } = await person.post('/api/auth/reauth', proof);
    expect(outcome(await person.bearer(body['access_token'] as string).delete(ME))).toBe('204');
  });

  it('deletion: removes the rows of the person from every table, and no others', async () => {
    const stranger = await app.api.register();
    for (const owner of [person, stranger]) await fill(owner);
    const [before, others] = [await belongings(person.userId), await belongings(stranger.userId)];
    for (const [table, count] of Object.entries(before))
      expect(count, `the test fills ${table}`).toBeGreaterThan(0);
    const answer = await person.delete(ME);
    expect([answer.status, answer.body]).toEqual([204, '']);
    expect(await belongings(person.userId)).toEqual(
      Object.fromEntries(Object.keys(before).map((table) => [table, 0])),
    );
    expect(await belongings(stranger.userId)).toEqual(others);
    const left = await dump();
    expect(left).not.toContain(person.userId);
    expect(left).not.toContain(person.account['email']);
  });

  it('deletion: the address can be used again, for an empty account', async () => {
    const email = person.account['email'] as string;
    await fill(person);
    await person.delete(ME);
    expect(outcome(await login(app.api, email))).toBe('401 invalid-credentials');
    const again = await register(email);
    expect(outcome(again)).toBe('201');
    expect(again.body['user'].id).not.toBe(person.userId);
    const fresh = app.api.bearer(again.body['access_token']);
    expect((await fresh.get(WEIGHT)).body['pagination'].total).toBe(0);
    expect((await fresh.get(SESSIONS)).body['data']).toHaveLength(1);
    expect(outcome(await phone.use()), 'old tokens stay dead').toBe(REVOKED);
  });

  const requests: Record<string, (api: Api) => Promise<Answer>> = {
    'GET /api/users/me': (api) => api.get(ME),
    'PATCH /api/users/me': (api) => api.patch(ME, { display_name: 'Ghost' }),
    'GET /api/auth/sessions': (api) => api.get(SESSIONS),
    'GET …/weight': (api) => api.get(WEIGHT),
    'POST …/weight': (api) => api.post(WEIGHT, sample),
    'POST …/weight with a key': (api) => api.with({ 'idempotency-key': 'ghost' }).post(WEIGHT, sample),
    'POST …/weight/sync': (api) => push(api, entry('ghost')),
    'GET …/weight/sync': (api) => pull(api),
    'PUT /api/users/me/password': (api) =>
      api.put(`${ME}/password`, { current_password: PASSWORD, new_password: NEXT }),
    'DELETE /api/users/me': (api) => api.delete(ME),
  };

  it('42 deletion is immediate: every token of every device is refused by the very next request', async () => {
    const tablet = await Phone.login(person);
    for (const device of [phone, tablet]) expect(outcome(await device.use())).toBe('200');
    await person.delete(ME);
    for (const device of [phone, tablet])
      for (const [name, request] of Object.entries(requests))
        expect(outcome(await request(app.api.bearer(device.access))), name).toBe(REVOKED);
    for (const device of [phone, tablet]) {
      expect(outcome(await device.present())).toBe(REVOKED);
      expect(outcome(await device.logout())).toBe('204');
    }
  });

  it('42 deletion is immediate: another instance follows within 5 seconds, and writes nothing in between', async () => {
    const there = second.api.bearer(phone.access);
    expect(outcome(await there.get(ME)), 'the other instance knows the session').toBe('200');
    await person.delete(ME);
    for (const [name, request] of Object.entries(requests)) {
      const answer = await request(there);
      expect(name.startsWith('GET') ? ['200', REVOKED] : [REVOKED], name).toContain(outcome(answer));
      expect(JSON.stringify(answer.body), name).not.toContain(person.userId);
    }
    expect(await dump()).not.toContain(person.userId);
    clock.advance(TRUST);
    for (const [name, request] of Object.entries(requests))
      expect(outcome(await request(there)), name).toBe(REVOKED);
    expect(outcome(await second.api.post('/api/auth/refresh', { refresh_token: phone.token }))).toBe(REVOKED);
  });

  it('42 deletion is immediate: of 20 concurrent ones one deletes, and concurrent writes leave nothing', async () => {
    const work = times(40, (i) => (i % 2 ? person.delete(ME) : push(person, entry(`late-${i}`))));
    const answers = await Promise.all(work);
    const deletions = answers.filter((_, i) => i % 2);
    expect(deletions.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(Object.keys(tally(deletions)).filter((kind) => kind !== '204')).toEqual([REVOKED]);
    for (const answer of answers.filter((_, i) => i % 2 === 0))
      expect(['200', REVOKED]).toContain(outcome(answer));
    expect(await dump()).not.toContain(person.userId);
  });

  /** Lets a check of a password finish only after `meanwhile`, which fixes the order of a race without sleeping. */
  async function during(check: () => Promise<Answer>, meanwhile: () => Promise<unknown>): Promise<Answer> {
    const passwords = app.app.get(Passwords);
    const real = passwords.matches.bind(passwords);
    let arrived!: () => void;
    let proceed!: () => void;
    const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
    const mayProceed = new Promise<void>((resolve) => (proceed = resolve));
    const spy = vi.spyOn(passwords, 'matches').mockImplementationOnce(async (password, hash) => {
      const right = await real(password, hash);
      arrived();
      await mayProceed;
      return right;
    });
    try {
      const pending = check();
      await hasArrived;
      await meanwhile();
      proceed();
      return await pending;
    } finally {
      spy.mockRestore();
    }
  }
  const changePassword = (api: Api, current = PASSWORD, next = NEXT): Promise<Answer> =>
    api.put(`${ME}/password`, { current_password: current, new_password: next });

  it('40 credential change: a concurrent login with the old password does not survive it', async () => {
    const late = await during(
      () => login(app.api, person.account['email']),
      async () => expect(outcome(await changePassword(person))).toBe('204'),
    );
    expect(outcome(late)).toBe('401 invalid-credentials');
    expect((await person.get(SESSIONS)).body['data']).toHaveLength(1);
  });

  it('40 credential change: a login during its commit waits for it', async () => {
    // On MySQL through the other instance, so that only the database separates them.
    const there = app.db.dialect === 'mysql' ? second : app;
    const commit = vi.spyOn(
      app.app.get(UnitOfWork) as unknown as { commit: (transaction: Transaction) => Promise<void> },
      'commit',
    );
    const matches = vi.spyOn(there.app.get(Passwords), 'matches');
    let late: Promise<Answer> | undefined;
    commit.mockImplementationOnce(async ({ statements }) => {
      matches.mockClear();
      late = login(there.api, person.account['email']);
      const waits = there === second ? someoneWaits : () => matches.mock.settledResults.length > 0;
      await until(waits, 150);
      await statements.execute('COMMIT', []);
    });
    expect(outcome(await changePassword(person))).toBe('204');
    expect(outcome(await late!)).toBe('401 invalid-credentials');
    for (const spy of [commit, matches]) spy.mockRestore();
    expect((await person.get(SESSIONS)).body['data']).toHaveLength(1);
  });

  /** Whether a transaction waits for a lock of another one. The table is refreshed only after 100 ms without a reader. */
  async function someoneWaits(): Promise<boolean> {
    const sql = `SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'`;
    return (await app.db.reader.query<object[]>(sql)).length > 0;
  }

  it('40 credential change: of two concurrent changes from the same password one succeeds', async () => {
    const thief = await person.login();
    const late = await during(
      () => changePassword(thief, PASSWORD, 'the choice of a thief'),
      async () => expect(outcome(await changePassword(person))).toBe('204'),
    );
    expect(late.status).toBeGreaterThanOrEqual(401);
    expect(late.status).toBeLessThanOrEqual(403);
    expect(outcome(await login(app.api, person.account['email'], 'the choice of a thief'))).toBe(
      '401 invalid-credentials',
    );
    expect(outcome(await login(app.api, person.account['email'], NEXT))).toBe('200');
    expect(outcome(await person.get(ME))).toBe('200');
  });

  it('42 deletion is immediate: a concurrent login is refused like a later one', async () => {
    const late = await during(
      () => login(app.api, person.account['email']),
      async () => expect(outcome(await person.delete(ME))).toBe('204'),
    );
    expect(outcome(late)).toBe('401 invalid-credentials');
  });

  it('42 deletion is immediate: a concurrent change of password is refused like a later one', async () => {
    const late = await during(
      () => changePassword(phone.anonymous.bearer(phone.access)),
      async () => expect(outcome(await person.delete(ME))).toBe('204'),
    );
    expect(outcome(late)).toBe(REVOKED);
    expect(outcome(await phone.use())).toBe(REVOKED);
  });
});
