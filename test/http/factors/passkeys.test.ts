import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PasskeysRepository } from '../../../src/modules/identity/passkeys/passkeys.repository.js';
import { SessionsService } from '../../../src/modules/identity/sessions/sessions.service.js';
import { instantText } from '../../../src/platform/database/database.js';
import { type Answer, type Api, PASSWORD } from '../../support/api.js';
import { addPasskey, Authenticator } from '../../support/authenticator.js';
import { MINUTE, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { Secured } from '../../support/totp.js';
import { claimsOf, Log, ME, outcome, tally, times } from '../auth/support.js';
import { contents } from '../hardening/support.js';
import { actionsOf, Mailed, PASSKEY_SIGN_IN, PASSKEYS } from './support.js';

const ORIGIN = 'https://hale.test';
const APP = `android:apk-key-hash:${'A'.repeat(43)}`;
const REFUSED = '401 invalid-passkey';

describe.runIf(hasDatabase())('29: passkeys', () => {
  const clock = new TestClock();
  const log = new Log();
  let service: Mailed;
  let person: Api;
  let device: Authenticator;
  beforeAll(async () => {
    const env = { PUBLIC_URL: ORIGIN, PASSKEY_ORIGINS: `https://app.hale.test, ${APP}`, LOG_LEVEL: 'info' };
    service = await Mailed.start(clock, env, log.install);
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    person = await service.app.api.register({ locale: 'en', display_name: 'Ada' });
    device = new Authenticator(ORIGIN);
  });

  const begin = async () => (await service.app.api.post(`${PASSKEY_SIGN_IN}/options`)).body['options'];
  const send = (response: unknown, extra: object = {}): Promise<Answer> =>
    service.app.api.post(PASSKEY_SIGN_IN, { response, ...extra });
  const signIn = async (lies: Parameters<Authenticator['get']>[1] = {}) =>
    send(device.get(await begin(), lies));
  const passkeysOf = async (who: Api) => (await who.get(PASSKEYS)).body['data'] as Record<string, unknown>[];

  describe('29: registration', () => {
    it('29: requests a passkey that identifies the account and needs a fingerprint, face or PIN', async () => {
      await addPasskey(person, device);
      const { status, body } = await person.post(`${PASSKEYS}/options`);
      expect(status).toBe(200);
      expect(body['options']).toMatchObject({
        rp: { id: 'hale.test', name: 'Hale' },
        user: { name: person.account['email'], displayName: 'Ada' },
        attestation: 'none',
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        excludeCredentials: [{ id: device.id.toString('base64url'), transports: ['internal', 'hybrid'] }],
      });
      // The account name on the device is always the same, and is not an address.
      const handle = Buffer.from(body['options'].user.id, 'base64url').toString('hex');
      expect(handle).toBe(person.userId.replaceAll('-', ''));
    });

    it('29: only the owner lists, renames and removes passkeys; owner and log are notified', async () => {
      const { status, body: passkey } = await addPasskey(person, device, {}, 'Ada’s phone');
      expect(status).toBe(201);
      expect(passkey).toEqual({
        id: expect.stringMatching(/^[\da-f-]{36}$/),
        name: 'Ada’s phone',
        backed_up: false,
        created_at: expect.any(String),
        last_used_at: null,
      });
      const eve = await service.app.api.register();
      expect(await passkeysOf(eve)).toEqual([]);
      expect((await eve.patch(`${PASSKEYS}/${passkey['id']}`, { name: 'Mine' })).status).toBe(404);
      expect((await eve.delete(`${PASSKEYS}/${passkey['id']}`)).status).toBe(404);
      const renamed = await person.patch(`${PASSKEYS}/${passkey['id']}`, { name: 'Old phone' });
      expect([renamed.status, renamed.body['name']]).toEqual([200, 'Old phone']);
      expect(await passkeysOf(person)).toEqual([{ ...passkey, name: 'Old phone' }]);
      const other = await person.login();
      expect((await person.delete(`${PASSKEYS}/${passkey['id']}`)).status).toBe(204);
      expect((await person.delete(`${PASSKEYS}/${passkey['id']}`)).status).toBe(404);
      expect(outcome(await other.get(ME))).toBe('401 session-revoked');
      expect(outcome(await signIn())).toBe(REFUSED);
      const subjects = await service.subjectsTo(person.account['email']);
      expect(subjects.slice(1)).toEqual([
        'A passkey was added to your account',
        'A passkey was removed from your account',
      ]);
      const actions = await actionsOf(person);
      expect(actions).toEqual(expect.arrayContaining(['passkey.added', 'passkey.removed']));
    });

    it.each([
      ['for another site', { origin: 'https://evil.test' }],
      ['for a site whose name only begins with the same text', { origin: `${ORIGIN}.evil.test` }],
      ['for another domain', { rpId: 'evil.test' }],
      ['without finger, face or PIN', { verified: false }],
      ['with a challenge that was not issued', { challenge: 'A'.repeat(43) }],
      [
        'with certificates that were not requested',
        { fmt: 'apple', attStmt: new Map([['x5c', [new Uint8Array(8)]]]) },
      ],
      ['with a packed certificate', { fmt: 'packed', attStmt: new Map([['x5c', [new Uint8Array(8)]]]) }],
      ['in an unknown format', { fmt: 'other' }],
    ])('29: an answer %s is refused', async (_, lies) => {
      expect(outcome(await addPasskey(person, device, lies))).toBe(REFUSED);
      expect(await passkeysOf(person)).toEqual([]);
    });

    it('29: accepts an app, or a configured site of the same domain', async () => {
      for (const origin of [APP, 'https://app.hale.test'])
        expect((await addPasskey(person, new Authenticator(origin))).status).toBe(201);
    });

    it('29: refuses the challenge of another person, of a sign-in, and a used or expired one', async () => {
      const options = async (who: Api) => (await who.post(`${PASSKEYS}/options`)).body['options'];
      const add = (response: unknown) => person.post(PASSKEYS, { name: 'Phone', response });
      const eve = await service.app.api.register();
      expect(outcome(await add(device.create(await options(eve))))).toBe(REFUSED);
      const { challenge } = await begin();
      expect(outcome(await add(device.create(await options(person), { challenge })))).toBe(REFUSED);
      const late = device.create(await options(person));
      clock.advance(5 * MINUTE);
      expect(outcome(await add(late))).toBe(REFUSED);
      const response = device.create(await options(person));
      const answers = await Promise.all(times(6, () => add(response)));
      expect(tally(answers)).toEqual({ 201: 1, [REFUSED]: 5 });
      // The same key again, for the same person or another.
      for (const who of [person, eve]) expect(outcome(await addPasskey(who, device))).toBe(REFUSED);
    });

    it('29: at most twenty, also for concurrent requests', async () => {
      const answers = await Promise.all(times(24, () => addPasskey(person, new Authenticator(ORIGIN))));
      expect(tally(answers)).toEqual({ 201: 20, '409 too-many-passkeys': 4 });
      expect(await passkeysOf(person)).toHaveLength(20);
    });
  });

  describe('29: sign-in', () => {
    beforeEach(async () => {
      await addPasskey(person, device);
    });

    it('29: signs in without an address, with two factors, also an account that needs codes otherwise', async () => {
      const options = await begin();
      expect(options).toMatchObject({ rpId: 'hale.test', userVerification: 'required' });
      expect(options['allowCredentials']).toBeUndefined();
      await Secured.of(person, clock);
      const { status, body } = await signIn();
      expect([status, body['user'].id, claimsOf(body['access_token'])['aal']]).toEqual([
        200,
        person.userId,
        2,
      ]);
      const again = await send(device.get(await begin()), { device_name: 'Phone' });
      const api = service.app.api.bearer(again.body['access_token']);
      const { body: sessions } = await api.get('/api/auth/sessions');
      expect(sessions['data'][0]).toMatchObject({ device_name: 'Phone', current: true });
      const [passkey] = await passkeysOf(api);
      expect(passkey!['last_used_at']).not.toBeNull();
    });

    it('29: a challenge works once, only for a sign-in, and for five minutes', async () => {
      const response = device.get(await begin());
      const answers = await Promise.all(times(6, () => send(response)));
      expect(tally(answers)).toEqual({ 200: 1, [REFUSED]: 5 });
      expect(outcome(await send(response))).toBe(REFUSED);
      const late = device.get(await begin());
      clock.advance(5 * MINUTE);
      expect(outcome(await send(late))).toBe(REFUSED);
      const fresh = await person.login();
      const { body } = await fresh.post(`${PASSKEYS}/options`);
      expect(outcome(await signIn({ challenge: body['options'].challenge }))).toBe(REFUSED);
      expect(outcome(await signIn({ challenge: 'A'.repeat(43) }))).toBe(REFUSED);
    });

    it.each([
      ['another site', { origin: 'https://evil.test' }],
      ['the same site without encryption', { origin: 'http://hale.test' }],
      ['another domain', { rpId: 'evil.test' }],
      ['no finger, face or PIN', { verified: false }],
      ['a registration', { type: 'webauthn.create' }],
      ['nobody', { userHandle: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ])('29: a wrong signature is refused and audited: %s', async (_, lies) => {
      expect(outcome(await signIn(lies))).toBe(REFUSED);
      expect((await actionsOf(person))[0]).toBe('passkey.refused');
      expect((await signIn()).status).toBe(200);
    });

    it('29: refuses the user handle of another person', async () => {
      const eve = await service.app.api.register();
      const hers = new Authenticator(ORIGIN);
      await addPasskey(eve, hers);
      for (const [key, handle] of [
        [device, hers.userHandle],
        [hers, device.userHandle],
      ] as const)
        expect(outcome(await send(key.get(await begin(), { userHandle: handle })))).toBe(REFUSED);
    });

    it('29: refuses an unregistered key and a signature of another key', async () => {
      const other = new Authenticator(ORIGIN);
      other.userHandle = device.userHandle;
      expect(outcome(await send(other.get(await begin())))).toBe(REFUSED);
      const id = device.id.toString('base64url');
      expect(outcome(await send({ ...other.get(await begin()), id, rawId: id }))).toBe(REFUSED);
    });

    it('29: a counter that does not rise is refused, logged and recorded; a counter of 0 is accepted', async () => {
      for (const counter of [0, 0, 5, 6]) expect((await signIn({ counter })).status).toBe(200);
      for (const counter of [6, 5, 0]) expect(outcome(await signIn({ counter }))).toBe(REFUSED);
      expect((await actionsOf(person))[0]).toBe('passkey.copied');
      const warnings = log.lines.filter(({ event }) => event === 'passkey_copied');
      expect(warnings.map(({ level, user_id }) => [level, user_id])).toEqual(
        times(3, () => [40, person.userId]),
      );
      expect(JSON.stringify(warnings)).not.toContain(device.id.toString('base64url'));
      expect((await signIn({ counter: 4_294_967_295 })).status).toBe(200);
    });

    it('29: of two concurrent uses of one counted signature one succeeds', async () => {
      const response = device.get(await begin(), { counter: 9 });
      expect(tally(await Promise.all(times(6, () => send(response))))).toEqual({ 200: 1, [REFUSED]: 5 });
    });

    it('29: an undecided attempt uses nothing up', async () => {
      const response = device.get(await begin(), { counter: 3 });
      const broken = vi
        .spyOn(service.app.app.get(SessionsService), 'open')
        .mockRejectedValue(new Error('no'));
      expect((await send(response)).status).toBe(500);
      broken.mockRestore();
      expect((await send(response)).status).toBe(200);
    });

    it('29: a closed account is refused', async () => {
      await change(service.app, 'UPDATE users SET disabled_at = created_at WHERE id = ?', [person.userId]);
      expect(outcome(await signIn())).toBe('403 account-disabled');
      await change(service.app, 'UPDATE users SET disabled_at = NULL WHERE id = ?', [person.userId]);
      expect((await actionsOf(person))[0]).toBe('session.refused');
    });

    it('105: a repeated assertion is recorded', async () => {
      const response = device.get(await begin());
      expect((await send(response)).status).toBe(200);
      expect(outcome(await send(response))).toBe(REFUSED);
      expect((await actionsOf(person))[0]).toBe('passkey.refused');
    });

    it('21: the last way to sign in cannot be removed', async () => {
      const [passkey] = await passkeysOf(person);
      await change(service.app, "UPDATE users SET password_hash = '' WHERE id = ?", [person.userId]);
      const path = `${PASSKEYS}/${passkey!['id']}`;
      expect(outcome(await person.delete(path))).toBe('409 last-credential');
      expect((await signIn()).status).toBe(200);
      await addPasskey(person, new Authenticator(ORIGIN));
      const paths = (await passkeysOf(person)).map(({ id }) => `${PASSKEYS}/${id}`);
      // Of two that are removed at the same time one stays.
      const answers = await Promise.all(paths.map((each) => person.delete(each)));
      expect(tally(answers)).toEqual({ 204: 1, '409 last-credential': 1 });
    });

    it('42, 50: an admin who removes the passkey of the session loses the access that it gave', async () => {
      await change(service.app, "UPDATE users SET role = 'admin' WHERE id = ?", [person.userId]);
      const admin = service.app.api.bearer((await signIn()).body['access_token']);
      const path = `/api/admin/users/${person.userId}?reason=support`;
      expect((await admin.get(path)).status).toBe(200);
      await addPasskey(admin, new Authenticator(ORIGIN));
      const keys = await passkeysOf(admin);
      const [used, unused] = ['last_used_at', 'created_at'].map((field) =>
        keys.toSorted((a, b) => String(b[field] ?? '').localeCompare(String(a[field] ?? ''))).at(0),
      );
      expect(used!['id']).not.toBe(unused!['id']);
      expect((await admin.delete(`${PASSKEYS}/${unused!['id']}`)).status).toBe(204);
      expect((await admin.get(path)).status).toBe(200);
      expect((await admin.delete(`${PASSKEYS}/${used!['id']}`)).status).toBe(204);
      expect(outcome(await admin.get(path))).toBe('403 second-factor-required');
    });

    it('21: a linked account counts as another way to sign in', async () => {
      const [passkey] = await passkeysOf(person);
      await change(service.app, "UPDATE users SET password_hash = '' WHERE id = ?", [person.userId]);
      const { createdAt: at } = (await service.app.app.get(PasskeysRepository).list(person.userId))[0]!;
      await change(
        service.app,
        `INSERT INTO identities (id, user_id, provider, issuer, subject, email, created_at, last_used_at)
           VALUES (?, ?, 'google', 'https://accounts.google.com', ?, NULL, ?, ?)`,
        [randomUUID(), person.userId, randomUUID(), instantText(at), instantText(at)],
      );
      expect((await person.delete(`${PASSKEYS}/${passkey!['id']}`)).status).toBe(204);
    });

    it('94: passkeys are deleted with the account', async () => {
      expect((await person.delete(ME, { password: PASSWORD })).status).toBe(204);
      expect(outcome(await signIn())).toBe(REFUSED);
      expect(await service.app.db.rows('SELECT * FROM passkeys WHERE user_id = ?', [person.userId])).toEqual(
        [],
      );
    });
  });

  it('57: an invalid answer of a device is refused with the name of its member, and changes nothing', async () => {
    await addPasskey(person, device);
    const [registration, assertion] = [
      device.create((await person.post(`${PASSKEYS}/options`)).body['options']),
      device.get(await begin()),
    ];
    const before = await contents(service.app.db);
    const bad = [undefined, null, 1, true, '', 'a b', 'a+/=', [], {}, 'x'.repeat(20_000), '\u0000'];
    for (const [whole, path, who] of [
      [registration, PASSKEYS, person],
      [assertion, PASSKEY_SIGN_IN, service.app.api],
    ] as const) {
      const name = path === PASSKEYS ? { name: 'Phone' } : {};
      const inner = whole['response'] as Record<string, unknown>;
      const check = async (field: string, response: object) => {
        const { status, body } = await who.post(path, { ...name, response });
        expect([path, field, status, body['errors']?.[0].field]).toEqual([path, field, 422, field]);
      };
      for (const value of bad) {
        for (const member of ['id', 'rawId', 'type', 'response'])
          await check(
            member === 'response' && typeof value === 'object' && value
              ? 'response.response.clientDataJSON'
              : `response.${member}`,
            { ...whole, [member]: value },
          );
        for (const member of Object.keys(inner).filter((each) => each !== 'transports'))
          await check(`response.response.${member}`, { ...whole, response: { ...inner, [member]: value } });
      }
      for (const member of Object.keys(inner).filter((each) => each !== 'transports')) {
        const garbled = { ...whole, response: { ...inner, [member]: 'AAAA' } };
        expect(outcome(await who.post(path, { ...name, response: garbled }))).toBe(REFUSED);
      }
    }
    const {
      audit_entries: _,
      audit_head: __,
      audit_refusals: ___,
      ...after
    } = await contents(service.app.db);
    expect(before).toMatchObject(after);
  });
});
