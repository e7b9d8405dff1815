import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { EmailTokens } from '../../../src/modules/identity/auth/email-tokens.js';
import { PasswordProof } from '../../../src/modules/identity/auth/password-proof.js';
import { RelyingParty } from '../../../src/modules/identity/passkeys/relying-party.js';
import { SignInChallenges } from '../../../src/modules/identity/factors/sign-in-challenges.js';
import { UsersService } from '../../../src/modules/identity/users/users.service.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { SyncClients } from '../../../src/records/write/sync-clients.js';
import { type Answer, type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { addPasskey, Authenticator } from '../../support/authenticator.js';
import { DAY, fromNow, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { personWith } from '../../support/people.js';
import { Device, mealFields } from '../../support/sync.js';
import { Secured } from '../../support/totp.js';
import { entry, pull, push, WEIGHT } from '../../support/weights.js';
import { ME, outcome, SESSIONS, tally, times } from './support.js';

const REVOKED = '401 session-revoked';
const ORIGIN = 'http://localhost:3000';

/** An account that is closed while other requests of it, or about it, are under way. */
describe.runIf(hasDatabase())('closing an account', () => {
  let app: TestApp;
  let person: Api;
  const clock = new TestClock();
  beforeAll(async () => {
    app = await TestApp.start({ override: clock.install });
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    person = await app.api.register({ device_id: 'phone' });
  });
  afterEach(() => vi.restoreAllMocks());

  const close = async (api: Api): Promise<void> => {
    expect(outcome(await api.delete(ME))).toBe('204');
  };

  /** Each writes a row of the account; the text is unique, so that no two are the same. */
  const writes: Record<string, (api: Api, text: string) => Promise<Answer>> = {
    'GET …/weight/sync': (api, text) => pull(api.device(text)),
    'POST …/weight/sync': (api, text) => push(api.device(text), entry(text)),
    'POST /api/sync/push': async (api, text) => {
      const device = new Device(api, text);
      return api.post('/api/sync/push', {
        client_id: text,
        mutations: [device.create('meal', mealFields())],
      });
    },
    'GET /api/sync/status': (api, text) => api.get(`/api/sync/status?client_id=${text}`),
    'POST /api/meals': (api) => api.post('/api/meals', mealFields()),
    'POST /api/meals with a key': (api, text) =>
      api.with({ 'idempotency-key': text }).post('/api/meals', mealFields()),
    'POST /api/api-keys': (api, text) => api.post('/api/api-keys', { name: text, scopes: ['meals:read'] }),
    'POST …/grants': (api, text) =>
      api.post(`${ME}/grants`, { email: `${text}@example.org`, scopes: ['meals:read'] }),
    'POST /api/auth/totp': (api) => api.post('/api/auth/totp'),
    'POST /api/auth/passkeys/options': (api) => api.post('/api/auth/passkeys/options'),
    'PUT …/sessions/current/push': (api, text) =>
      api.put(`${SESSIONS}/current/push`, { service: 'fcm', token: text }),
    'PATCH /api/users/me': (api, text) => api.patch(ME, { display_name: text }),
  };

  it.each(Object.keys(writes))(
    'a burst of %s around it: each is answered, or refused with 401',
    async (name) => {
      const write = writes[name]!;
      for (let round = 0; round < 3; round++) {
        const one = await app.api.register({ device_id: 'phone' });
        await push(one, entry('first'));
        const ids = times(8, () => randomUUID());
        const burst = [...ids.slice(0, 2), 'end', ...ids.slice(2)].map((id) =>
          id === 'end' ? one.delete(ME) : write(one, id),
        );
        const answers = tally(await Promise.all(burst));
        const others = Object.keys(answers).filter((kind) => !/^(20[0145]|409 totp-enabled)$/.test(kind));
        expect([name, answers, others.filter((kind) => kind !== REVOKED)]).toEqual([name, answers, []]);
      }
    },
  );

  it('a write that only the foreign key refuses is answered 401', async () => {
    await push(person, entry('first'));
    const clients = app.app.get(SyncClients);
    const find = clients.find.bind(clients);
    const spy = vi.spyOn(clients, 'find').mockImplementation(async (...given) => {
      const client = await find(...given);
      spy.mockRestore();
      await close(person);
      return client;
    });
    expect(outcome(await pull(person.device('tablet')))).toBe(REVOKED);
  });

  it('a sign-in with a passkey is refused as for an unknown passkey', async () => {
    const device = new Authenticator(ORIGIN);
    await addPasskey(person, device);
    const { body } = await app.api.post('/api/auth/passkeys/sign-in/options');
    const party = app.app.get(RelyingParty);
    const asserted = party.asserted.bind(party);
    vi.spyOn(party, 'asserted').mockImplementationOnce(async (...given) => {
      const result = await asserted(...given);
      await close(person);
      return result;
    });
    const response = device.get(body['options']);
    const answer = await app.api.post('/api/auth/passkeys/sign-in', { response });
    expect(outcome(answer)).toBe('401 invalid-passkey');
  });

  it('the answer to a challenge is refused as for one that has expired', async () => {
    const secured = await Secured.of(person, clock);
    const { body } = await app.api.post('/api/auth/login', {
      email: secured.email,
      password: PASSWORD,
    });
    const challenges = app.app.get(SignInChallenges);
    const find = challenges.find.bind(challenges);
    vi.spyOn(challenges, 'find').mockImplementationOnce(async (...given) => {
      const asked = await find(...given);
      await close(secured.person);
      return asked;
    });
    const answer = await app.api.post('/api/auth/challenge', {
      challenge: body['challenge'],
      code: secured.nextCode(),
    });
    expect(outcome(answer)).toBe('401 challenge-expired');
  });

  it('a mailed link that is opened with the password is refused as one that no longer works', async () => {
    const { userId } = person;
    const email = person.account['email'] as string;
    const token = await app.app
      .get(UnitOfWork)
      .run(() => app.app.get(EmailTokens).issue({ userId, purpose: 'verify', email }));
    const proof = app.app.get(PasswordProof);
    const ofLink = proof.ofLink.bind(proof);
    vi.spyOn(proof, 'ofLink').mockImplementationOnce(async (...given) => {
      await ofLink(...given);
      await close(person);
    });
    const answer = await app.api.post('/api/auth/verify-email', { token, password: PASSWORD });
    expect(outcome(answer)).toBe('410 link-expired');
  });

  it('does not end the session of a coach who reads its data', async () => {
    const coach = await personWith(app, 'coach');
    const grant = {
      email: coach.account['email'] as string,
      scopes: ['profile:read'],
      until: fromNow(DAY),
    };
    expect((await person.post(`${ME}/grants`, grant)).status).toBe(201);
    await coach.get(`${ME}/grants/received`);
    const path = `${ME}?owner_id=${person.userId}`;
    expect((await coach.get(path)).status).toBe(200);
    const users = app.app.get(UsersService);
    const get = users.get.bind(users);
    vi.spyOn(users, 'get').mockImplementationOnce(async (id) => {
      await close(person);
      return get(id);
    });
    expect(outcome(await coach.get(path))).toBe('404 not-found');
    expect((await coach.get(ME)).status).toBe(200);
  });

  it('leaves the answer to a write without another parent as the defect that it is', async () => {
    const clients = app.app.get(SyncClients);
    const broken = Object.assign(new Error('no such parent'), { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' });
    vi.spyOn(clients, 'remember').mockRejectedValueOnce(broken);
    await push(person, entry('first'));
    expect(outcome(await pull(person.device('tablet')))).toBe('500 internal');
    expect(outcome(await person.get(WEIGHT))).toBe('200');
  });
});
