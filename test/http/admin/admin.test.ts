import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import { MailPolicy } from '../../../src/modules/identity/auth/mail-limits.js';
import { FirstAdmin } from '../../../src/modules/operations/admin/first-admin.js';
import { type Answer, type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { change, emailOf, personWith } from '../../support/people.js';
import { linkIn, SmtpSink } from '../../support/smtp.js';
import { Secured } from '../../support/totp.js';
import { login, ME, Phone, tally, times } from '../auth/support.js';

const USERS = '/api/admin/users';
const AUDIT = '/api/admin/audit';
const WHY = '?reason=support';
const NOBODY = '0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33';

describe.runIf(hasDatabase())('administration', () => {
  let app: TestApp;
  let sink: SmtpSink;
  let admin: Api;
  const clock = new TestClock();
  beforeAll(async () => {
    sink = await SmtpSink.start();
    app = await TestApp.start({
      env: { SMTP_URL: sink.url, AUTH_REQUIRE_VERIFIED_EMAIL: 'false' },
      override: clock.install,
    });
    admin = await personWith(app, 'admin');
  });
  afterAll(async () => {
    await app.stop();
    await sink.stop();
  });

  const code = ({ status, body }: Answer): string =>
    `${status} ${String((body['type'] as string | undefined)?.split('/').at(-1) ?? '')}`.trim();
  const one = (person: Api, path = ''): string => `${USERS}/${person.userId}${path}${WHY}`;
  const find = async (query: string): Promise<string[]> =>
    (await admin.get(`${USERS}${WHY}&limit=500${query}`)).body['data'].map(({ id }: { id: string }) => id);
  const logOf = async (person: Api) => (await person.get(`${ME}/access-log`)).body['data'] as object[];
  const linkFor = async (email: string, at = app): Promise<string> =>
    (await at.app.get(FirstAdmin).create(email)) ?? '';
  const follow = (link: string, password: string, at = app): Promise<Answer> =>
    at.api.post('/api/auth/reset-password', {
      token: /#token=(.+)$/.exec(link)?.[1],
      new_password: password,
    });
  const verify = (person: Api) =>
    change(app, 'UPDATE users SET email_verified_at = created_at WHERE id = ?', [person.userId]);
  async function mailTo(person: Api): Promise<(string | undefined)[]> {
    await app.app.get(OutboxWorker).drain();
    return sink.to(emailOf(person)).map(({ parsed }) => parsed.subject);
  }

  describe('50: is only for admins with a second factor', () => {
    const operations = [
      ['GET', USERS + WHY],
      ['GET', `${USERS}/${NOBODY}${WHY}`],
      ['PATCH', `${USERS}/${NOBODY}${WHY}`],
      ['DELETE', `${USERS}/${NOBODY}${WHY}`],
      ['POST', `${USERS}/${NOBODY}/sign-out${WHY}`],
      ['POST', `${USERS}/${NOBODY}/reset-password${WHY}`],
      ['GET', AUDIT + WHY],
    ] as const;
    const bodyOf = (method: string) => (method === 'PATCH' ? {} : undefined);

    it.each(operations)(
      '50: %s %s: 401 without a token, 403 for a person and for a coach',
      async (method, path) => {
        const [person, coach] = [await app.api.register(), await personWith(app, 'coach')];
        const send = async (api: Api) => code(await api.send(method, path, bodyOf(method)));
        expect([await send(app.api), await send(person), await send(coach)]).toEqual([
          '401 unauthenticated',
          '403 forbidden',
          '403 forbidden',
        ]);
        expect((await logOf(person))[0]).toMatchObject({ action: 'access.refused', by: 'me' });
        const half = await personWith(app, 'admin');
        await change(app, 'UPDATE sessions SET aal = 1 WHERE user_id = ?', [half.userId]);
        const weak = half.bearer((await Phone.of(half).present()).body['access_token'] as string);
        expect(await send(weak)).toBe('403 second-factor-required');
      },
    );

    it('50: other spellings of the path do not bypass the check', async () => {
      const person = await app.api.register();
      const paths = ['//api/admin/users', '/api/admin//users', '/api/admin/users/', '/api/admin/users;x']
        .concat(['/API/ADMIN/USERS', '/api/%61dmin/users', '/api/x/%2e%2e/admin/users', '/api/./admin/users'])
        .concat(['/api/admin/users%2f', '/api/admin/users%00', '/api/admin/users/.']);
      for (const path of paths) {
        const { status } = await person.get(path + WHY);
        expect([path, [403, 404, 400].includes(status)]).toEqual([path, true]);
      }
      expect((await person.send('HEAD', USERS + WHY)).status).toBe(403);
      const override = person.with({ 'x-http-method-override': 'DELETE', 'x-original-url': ME });
      expect(code(await override.get(USERS + WHY))).toBe('403 forbidden');
      expect((await person.get(ME)).status).toBe(200);
    });

    it('51: nobody can give themselves the admin role', async () => {
      const person = await app.api.register();
      for (const extra of [
        { role: 'admin' },
        { roles: ['admin'] },
        { is_admin: true },
        { disabled_at: null },
      ])
        expect((await person.patch(ME, { display_name: 'x', ...extra })).status).toBe(422);
      const sneaky = { email: 'sneaky@example.org', password: PASSWORD, role: 'admin' };
      expect((await app.api.post('/api/auth/register', sneaky)).status).toBe(422);
      expect((await person.get(ME)).body).toMatchObject({ role: 'user', display_name: null });
    });
  });

  it('56: lists, searches, filters and sorts; each view is in the person’s log with its reason', async () => {
    const people = [
      await app.api.register({ display_name: 'Zoë 100%_sure' }),
      await app.api.register({ display_name: 'ada lovelace' }),
    ];
    const [zoe, ada] = people.map(({ userId }) => userId) as [string, string];
    expect(await find('&search=LOVELACE')).toEqual([ada]);
    expect(await find(`&search=${encodeURIComponent('100%_s')}`)).toEqual([zoe]);
    expect(await find(`&search=${encodeURIComponent("%' OR 1=1 --")}`)).toEqual([]);
    expect(await find(`&search=${encodeURIComponent('_')}`)).toEqual([zoe]);
    expect(await find(`&search=${emailOf(people[0]!).slice(0, 20)}`)).toEqual([zoe]);
    const both = (ids: string[]) => ids.filter((id) => id === zoe || id === ada);
    expect(both(await find('&sort=-created_at'))).toEqual([ada, zoe]);
    expect(both(await find('&sort=created_at'))).toEqual([zoe, ada]);
    const byEmail = people.toSorted((a, b) => (emailOf(a) < emailOf(b) ? -1 : 1)).map(({ userId }) => userId);
    expect(both(await find('&sort=email'))).toEqual(byEmail);
    expect(both(await find('&sort=-email'))).toEqual(byEmail.toReversed());
    expect(both(await find('&sort=last_seen_at'))).toHaveLength(2);
    expect(await find('&role=admin')).toContain(admin.userId);
    expect(both(await find('&role=admin'))).toEqual([]);
    expect(both(await find('&state=unverified'))).toHaveLength(2);
    expect(both(await find('&state=disabled'))).toEqual([]);
    for (const wrong of ['&sort=password_hash', '&sort=id;DROP', '&role=root', '&state=x', '&x=1'])
      expect([wrong, (await admin.get(USERS + WHY + wrong)).status]).toEqual([wrong, 422]);
    expect((await admin.get(USERS)).body['errors'][0].field).toBe('reason');

    await admin.get(`${USERS}/${ada}?reason=legal`);
    const log = await logOf(people[1]!);
    expect(log[0]).toMatchObject({
      action: 'account.read',
      by: 'somebody',
      actor_id: admin.userId,
      reason: 'legal',
    });
    expect(log[1]).toMatchObject({ action: 'account.listed', reason: 'support' });
  });

  it('52: an account shows no credentials and no data of the person', async () => {
    const person = await app.api.register({ display_name: 'Ada' });
    await person.post('/api/health-metrics/weight', {
      weight_value: 71.25,
      unit: 'kg',
      timestamp: '2026-01-06T20:30:00Z',
    });
    const { body } = await admin.get(one(person));
    expect(Object.keys(body).toSorted()).toEqual([
      'created_at',
      'disabled_at',
      'display_name',
      'email',
      'email_verified',
      'id',
      'last_seen_at',
      'role',
    ]);
    expect(code(await admin.get(`${USERS}/${NOBODY}${WHY}`))).toBe('404 not-found');
    expect((await admin.get(`${USERS}/undefined${WHY}`)).status).toBe(422);
  });

  it('42: a closed account is refused at once, everywhere, until it is opened again', async () => {
    const phone = await Phone.register(app.api);
    expect((await admin.patch(one(phone.person), { disabled: true })).body['disabled_at']).not.toBeNull();
    expect(code(await phone.use())).toBe('401 session-revoked');
    expect(code(await phone.rotate())).toBe('401 session-revoked');
    expect(code(await login(app.api, emailOf(phone.person)))).toBe('403 account-disabled');
    expect(code(await login(app.api, emailOf(phone.person), 'wrong'))).toBe('401 invalid-credentials');
    expect(await find('&state=disabled')).toContain(phone.person.userId);
    await admin.patch(one(phone.person), { disabled: false });
    const again = await login(app.api, emailOf(phone.person));
    expect(again.status).toBe(200);
    const log = await logOf(app.api.bearer(again.body['access_token'] as string));
    const told = log.map((entry) => (entry as { action: string }).action);
    const changes = new Set(['account.enabled', 'sessions.ended', 'account.disabled']);
    expect(told.filter((action) => changes.has(action))).toEqual([...changes]);
  });

  it('42: an admin who is demoted is refused with the next request', async () => {
    const other = await personWith(app, 'admin');
    expect((await other.get(USERS + WHY)).status).toBe(200);
    await admin.patch(one(other), { role: 'user' });
    expect(code(await other.get(USERS + WHY))).toBe('403 forbidden');
    expect((await other.get(ME)).body['role']).toBe('user');
  });

  it('42: signs out everywhere', async () => {
    const phone = await Phone.register(app.api);
    expect((await admin.post(one(phone.person, '/sign-out'))).status).toBe(204);
    expect(code(await phone.use())).toBe('401 session-revoked');
    expect((await login(app.api, emailOf(phone.person))).status).toBe(200);
  });

  it('56: cannot set a password; mails a link instead', async () => {
    const person = await app.api.register();
    for (const field of ['password', 'password_hash', 'new_password', 'email'])
      expect((await admin.patch(one(person), { [field]: 'quiet river under seven stars' })).status).toBe(422);
    expect((await admin.post(one(person, '/reset-password'))).status).toBe(202);
    expect(await mailTo(person)).toContain('Set a new password');
    expect((await login(app.api, emailOf(person))).status).toBe(200);
    expect((await logOf(person)).some((entry) => 'reason' in entry && entry.reason === 'support')).toBe(true);
  });

  it('42: deletes an account with all its data, and notifies the owner', async () => {
    const phone = await Phone.register(app.api);
    expect((await admin.delete(one(phone.person))).status).toBe(204);
    expect(code(await phone.use())).toBe('401 session-revoked');
    expect(code(await admin.get(one(phone.person)))).toBe('404 not-found');
    expect(await mailTo(phone.person)).toContain('Your account was deleted');
    expect(code(await admin.delete(one(phone.person)))).toBe('404 not-found');
  });

  it('28: changing and deleting accounts needs a fresh proof', async () => {
    const person = await app.api.register();
    const late = await personWith(app, 'admin');
    clock.advance(11 * 60_000);
    expect(code(await late.patch(one(person), { role: 'coach' }))).toBe('403 step-up-required');
    expect(code(await late.delete(one(person)))).toBe('403 step-up-required');
    admin = await personWith(app, 'admin');
  });

  it('28: signing out everywhere and mailing a reset need a fresh proof, and change nothing without one', async () => {
    const person = await app.api.register();
    const late = await personWith(app, 'admin');
    clock.advance(11 * 60_000);
    admin = await personWith(app, 'admin');
    for (const path of ['/sign-out', '/reset-password'])
      expect(code(await late.post(one(person, path)))).toBe('403 step-up-required');
    expect(await mailTo(person)).not.toContain('Set a new password');
    const { refresh_token } = person.account;
    expect((await app.api.post('/api/auth/refresh', { refresh_token })).status).toBe(200);
  });

  it('78: of 12 resets at once three are mailed, whoever requests them', async () => {
    const own = await TestApp.start({
      env: { SMTP_URL: sink.url, AUTH_REQUIRE_VERIFIED_EMAIL: 'false' },
      override: (builder) => builder.overrideProvider(MailPolicy).useValue(new MailPolicy()),
    });
    try {
      const admins = [await personWith(own, 'admin'), await personWith(own, 'admin')];
      const person = await own.api.register();
      const answers = await Promise.all(
        times(12, (index) => admins[index % 2]!.post(one(person, '/reset-password'))),
      );
      expect(tally(answers)).toEqual({ 202: 3, '429 too-many-attempts': 9 });
      await own.app.get(OutboxWorker).drain();
      const subjects = sink.to(emailOf(person)).map(({ parsed }) => parsed.subject);
      expect(subjects.filter((subject) => subject === 'Set a new password')).toHaveLength(3);
      // The owner's own requests have another budget.
      const { status } = await own.api.post('/api/auth/forgot-password', { email: emailOf(person) });
      expect(status).toBe(202);
    } finally {
      await own.stop();
    }
  });

  describe('one admin stays', () => {
    it('the last admin cannot be deleted, demoted or closed', async () => {
      const own = await TestApp.start();
      try {
        const last = await personWith(own, 'admin');
        for (const body of [{ role: 'user' }, { disabled: true }])
          expect(code(await last.patch(one(last), body))).toBe('409 last-admin');
        expect(code(await last.delete(one(last)))).toBe('409 last-admin');
        expect(code(await last.delete(ME))).toBe('409 last-admin');
        expect((await last.get(USERS + WHY)).status).toBe(200);
      } finally {
        await own.stop();
      }
    });

    it('of admins who all demote each other at the same time, one remains', async () => {
      const own = await TestApp.start();
      try {
        const admins = await Promise.all([1, 2, 3, 4].map(() => personWith(own, 'admin')));
        const answers = await Promise.all(
          admins.map((it, i) => it.patch(one(admins[(i + 1) % admins.length]!), { role: 'user' })),
        );
        const roles = await Promise.all(admins.map(async (it) => (await it.get(ME)).body['role'] as string));
        expect(roles.filter((role) => role === 'admin').length).toBeGreaterThanOrEqual(1);
        expect(answers.filter(({ status }) => status === 200).length).toBe(
          roles.filter((role) => role === 'user').length,
        );
        expect(answers.every(({ status }) => [200, 403, 409].includes(status))).toBe(true);
      } finally {
        await own.stop();
      }
    });
  });

  describe('105: the audit log', () => {
    it('105: can be searched by actor, subject, action and time; each search is recorded', async () => {
      const person = await app.api.register();
      await login(app.api, emailOf(person), 'wrong');
      const search = async (query: string) => (await admin.get(`${AUDIT}?reason=security${query}`)).body;
      const whom = await search(`&subject_id=${person.userId}`);
      expect(whom['data'].map(({ action }: { action: string }) => action)).toEqual([
        'session.refused',
        'session.opened',
        'account.created',
      ]);
      expect(whom['data'][0]).toMatchObject({ actor: null, actor_id: null, subject_id: person.userId });
      expect(whom['data'][1].seq).toBe(whom['data'][0].seq - 1);
      const mine = await search(`&actor_id=${admin.userId}&action=audit.read`);
      expect(mine['data'][0]).toMatchObject({ subject_id: person.userId, reason: 'security' });
      expect((await search('&since=2199-01-01T00:00:00Z'))['data']).toEqual([]);
      expect((await search('&until=2020-01-01T00:00:00Z'))['data']).toEqual([]);
      expect((await search(`&actor_id=${NOBODY}`))['data']).toEqual([]);
      expect((await admin.get(`${AUDIT}?reason=security&action=x`)).status).toBe(422);
      expect(JSON.stringify(whom)).not.toContain(emailOf(person));
    });

    it('105: cannot be changed', async () => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
        for (const path of [AUDIT, `${AUDIT}/1`, `${ME}/access-log`, `${ME}/access-log/1`])
          expect([method, path, (await admin.send(method, path + WHY, {})).status]).toEqual([
            method,
            path,
            404,
          ]);
    });
  });

  describe('104: the first admin', () => {
    it('104: nobody is an admin by default; the command creates one, who sets a long password by a link that works once', async () => {
      const own = await TestApp.start();
      try {
        const { total } = (
          await own.db.rows<{ total: unknown }>("SELECT COUNT(*) AS total FROM users WHERE role = 'admin'")
        )[0] as { total: unknown };
        expect(Number(total)).toBe(0);
        const link = await linkFor('Root@Example.org', own);
        const set = (password: string) => follow(link, password, own);
        expect((await login(own.api, 'root@example.org', '')).status).toBe(422);
        expect(code(await login(own.api, 'root@example.org', 'anything'))).toBe('401 invalid-credentials');
        expect((await set('fourteen chars')).body['errors'][0].field).toBe('new_password');
        expect((await set('a long enough one')).status).toBe(204);
        expect((await set('a long enough one')).status).toBe(410);
        const signedIn = await login(own.api, 'root@example.org', 'a long enough one');
        expect(signedIn.body['user']).toMatchObject({ role: 'admin', email_verified: true });
        const root = own.api.bearer(signedIn.body['access_token'] as string);
        expect(code(await root.get(USERS + WHY))).toBe('403 second-factor-required');
        const short = { current_password: 'a long enough one', new_password: 'too short one' };
        expect((await root.put(`${ME}/password`, short)).status).toBe(422);
      } finally {
        await own.stop();
      }
    });

    it('104: a person who signed up with the address of the new admin without verifying it loses all access', async () => {
      const { person: squatter } = await Secured.of(await app.api.register(), clock);
      const { body: key } = await squatter.post('/api/api-keys', { name: 'x', scopes: ['profile:read'] });
      const link = await linkFor(emailOf(squatter));
      expect(code(await squatter.get(USERS + WHY))).toBe('401 session-revoked');
      expect(code(await app.api.bearer(key['key'] as string).get(ME))).toBe('401 unauthenticated');
      expect(code(await login(app.api, emailOf(squatter)))).toBe('401 invalid-credentials');
      expect((await follow(link, 'a long enough one')).status).toBe(204);
      // Also without the factor of the stranger.
      const { body } = await login(app.api, emailOf(squatter), 'a long enough one');
      expect(body['user']).toMatchObject({ id: squatter.userId, role: 'admin', email_verified: true });
    });

    it('104: an existing account loses password and sessions; its verified owner keeps the factors', async () => {
      const owner = await Secured.of(await app.api.register(), clock);
      await verify(owner.person);
      const link = await linkFor(owner.email);
      expect(code(await owner.person.get(USERS + WHY))).toBe('401 session-revoked');
      expect(code(await login(app.api, owner.email))).toBe('401 invalid-credentials');
      expect((await follow(link, 'fourteen chars')).status).toBe(422);
      expect((await follow(link, 'a long enough one')).status).toBe(204);
      const { body } = await login(app.api, owner.email, 'a long enough one');
      const proof = { challenge: body['challenge'], code: owner.nextCode() };
      const root = app.api.bearer((await app.api.post('/api/auth/challenge', proof)).body['access_token']);
      expect((await root.get(USERS + WHY)).status).toBe(200);
      const log = (await logOf(root)).filter((entry) => 'by' in entry && entry.by === 'stranger');
      expect(log.map((entry) => 'action' in entry && entry.action).slice(-4)).toEqual([
        'password.forgotten',
        'account.renewed',
        'sessions.ended',
        'role.changed',
      ]);
    });

    it('104: another instance that still trusts the session gives no admin access', async () => {
      const { person } = await Secured.of(await app.api.register(), clock);
      expect((await person.get(ME)).status).toBe(200);
      await change(app, "UPDATE users SET role = 'admin' WHERE id = ?", [person.userId]);
      await change(app, 'UPDATE sessions SET revoked_at = created_at WHERE user_id = ?', [person.userId]);
      expect((await person.get(ME)).status).toBe(200);
      expect(code(await person.get(USERS + WHY))).toBe('401 session-revoked');
    });

    it('104: a closed account cannot become an admin account', async () => {
      const phone = await Phone.register(app.api);
      await admin.patch(one(phone.person), { disabled: true });
      expect(await linkFor(emailOf(phone.person))).toBe('');
      expect((await admin.get(one(phone.person))).body['role']).toBe('user');
    });
  });

  describe('104: an admin promotes another account', () => {
    it('104: the new admin is signed out, must set a password of 15 characters, and is notified', async () => {
      const person = await app.api.register({ password: 'qzkw7vxp' });
      await verify(person);
      const { body } = await admin.patch(one(person), { role: 'admin' });
      expect(body).toMatchObject({ role: 'admin', email_verified: true });
      expect(code(await person.get(ME))).toBe('401 session-revoked');
      expect(code(await login(app.api, emailOf(person), 'qzkw7vxp'))).toBe('401 invalid-credentials');
      expect(await mailTo(person)).toContain('You are an admin now');
      expect((await admin.post(one(person, '/reset-password'))).status).toBe(202);
      await app.app.get(OutboxWorker).drain();
      const link = sink
        .to(emailOf(person))
        .map((mail) => linkIn(mail))
        .find((it) => it.includes('reset-password'));
      expect((await follow(link ?? '', 'fourteen chars')).body['errors'][0].field).toBe('new_password');
      expect((await follow(link ?? '', 'a long enough one')).status).toBe(204);
      const signedIn = await login(app.api, emailOf(person), 'a long enough one');
      const log = await logOf(app.api.bearer(signedIn.body['access_token'] as string));
      expect(log).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ action: 'role.changed', actor_id: admin.userId, reason: 'support' }),
          expect.objectContaining({ action: 'account.renewed', actor_id: admin.userId, reason: 'support' }),
        ]),
      );
    });

    it('104: an account with an unverified address is refused', async () => {
      const person = await app.api.register();
      const { status, body } = await admin.patch(one(person), { role: 'admin' });
      expect([status, body['errors'][0].field]).toEqual([422, 'role']);
      expect((await person.get(ME)).body['role']).toBe('user');
      expect((await admin.patch(one(person), { role: 'coach' })).status).toBe(200);
      expect((await person.get(ME)).body['role']).toBe('coach');
    });
  });

  describe('56: every view is recorded', () => {
    const actionsOf = async (person: Api) =>
      (await logOf(person)).map((entry) => (entry as { action: string }).action);

    it.each([[{}], [{ role: 'user' }], [{ disabled: false }], [{ role: 'user', disabled: false }]])(
      '56: a change that changes nothing is one: %j',
      async (body) => {
        const person = await app.api.register();
        expect((await admin.patch(one(person), body)).body['email']).toBe(emailOf(person));
        expect((await actionsOf(person))[0]).toBe('account.read');
        await admin.patch(one(person), { ...body, disabled: true });
        await admin.patch(one(person), { disabled: false });
        expect((await actionsOf(await person.login())).filter((it) => it === 'account.read')).toHaveLength(1);
      },
    );

    it('56: a page without accounts is recorded too', async () => {
      const person = await app.api.register();
      const query = `&search=${emailOf(person)}&offset=1`;
      const { body, headers } = await admin.get(USERS + WHY + query);
      expect(body).toMatchObject({ data: [], pagination: { total: 1 } });
      const rows = await app.db.rows('SELECT action, subject FROM audit_entries WHERE request_id = ?', [
        headers.get('x-request-id') ?? '',
      ]);
      expect(rows).toEqual([{ action: 'account.listed', subject: null }]);
    });

    it('56: reading several pages works although each page adds entries', async () => {
      const people = await Promise.all(times(6, () => app.api.register()));
      const seen: unknown[] = [];
      for (const offset of [0, 4, 8]) {
        const { body } = await admin.get(`${AUDIT}?reason=legal&limit=4&offset=${offset}`);
        seen.push(...body['data'].map(({ seq }: { seq: number }) => seq));
      }
      expect(new Set(seen).size).toBe(12);
      expect(seen).toEqual(seen.toSorted((a, b) => Number(b) - Number(a)));
      expect(
        (await actionsOf(people[0]!)).filter((action) => action === 'audit.read').length,
      ).toBeGreaterThan(0);
    });

    it('56: a person whom the audit log is searched for, or shows, can see that, once each', async () => {
      const [one, other] = [await app.api.register(), await app.api.register()];
      const read = async (query: string) => {
        await admin.get(`${AUDIT}?reason=legal${query}`);
        const logs = [await actionsOf(one), await actionsOf(other)];
        return logs.map((log) => log.filter((action) => action === 'audit.read').length);
      };
      expect(await read(`&actor_id=${one.userId}`)).toEqual([1, 0]);
      expect(await read(`&actor_id=${one.userId}&action=key.created`)).toEqual([2, 0]);
      expect(await read(`&subject_id=${other.userId}`)).toEqual([2, 1]);
      expect(await read('&action=account.created&limit=2')).toEqual([3, 2]);
      expect((await logOf(one))[0]).toMatchObject({ actor_id: admin.userId, reason: 'legal' });
      // An entry about reading shows nobody again: otherwise each search would add entries to the next.
      expect(await read('&action=audit.read&limit=5')).toEqual([3, 2]);
    });
  });
});
