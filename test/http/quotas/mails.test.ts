import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import { type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import type { Wire } from '../../support/sync.js';

/*
 * The invariants of the quota of mails that wait. Each has tests that try to break it.
 * M1 No burst of requests makes more mails with links wait than the quota.
 * M2 A notice about what happened to the account is written, however many mails wait.
 * M3 A request without a mail changes nothing: the link that was mailed last stays valid, and the answer reveals nothing.
 * M4 The mails of one person do not depend on those of another.
 * M5 The owner can change the address of a mailbox that takes no mail, whatever strangers asked to be mailed there.
 */
const LIMIT = 3;

describe.runIf(hasDatabase())('the quota of mails that wait', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ env: { QUOTA_PENDING_MAILS: String(LIMIT) } });
  });
  afterAll(() => app.stop());

  const emailOf = (person: Api): string => person.account['email'] as string;
  const usageOf = async (person: Api): Promise<Wire> => {
    const { body } = await person.get('/api/users/me/usage');
    return (body['quotas'] as Wire[]).find(({ name }) => name === 'pending_mails') ?? {};
  };
  const waiting = async (person: Api): Promise<number> => (await usageOf(person))['used'] as number;
  const tokensOf = (person: Api) =>
    app.db.rows('SELECT purpose, token_hash FROM email_tokens WHERE user_id = ? ORDER BY purpose', [
      person.userId,
    ]);
  const forgot = (email: string) => app.api.post('/api/auth/forgot-password', { email });
  const resend = (email: string) => app.api.post('/api/auth/verify-email/resend', { email });
  const askToChange = (person: Api) =>
    person.post('/api/users/me/email', { email: `new-${person.userId}@example.org` });

  async function filled(): Promise<Api> {
    const person = await app.api.register();
    while ((await waiting(person)) < LIMIT) await forgot(emailOf(person));
    return person;
  }

  it('M1 M4 a burst of requests makes as many mails wait as are allowed', async () => {
    const [person, other] = [await app.api.register(), await app.api.register()];
    const before = await waiting(other);
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => [forgot(emailOf(person)), resend(emailOf(person))]).flat(),
    );
    expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
    expect(await waiting(person)).toBe(LIMIT);
    expect(await waiting(other)).toBe(before);
    expect((await forgot(emailOf(other))).status).toBe(202);
    expect(await waiting(other)).toBe(before + 1);
  });

  it('M3 without a mail the last link stays valid, and the answer is that of an unknown address', async () => {
    const person = await filled();
    const before = await tokensOf(person);
    const unknown = await forgot('nobody@example.org');
    for (const answer of [await forgot(emailOf(person)), await resend(emailOf(person))])
      expect([answer.status, answer.body]).toEqual([unknown.status, unknown.body]);
    expect(await tokensOf(person)).toEqual(before);
    expect(await waiting(person)).toBe(LIMIT);
  });

  it('M5 the owner can change the address, however many mails wait', async () => {
    const person = await filled();
    expect((await askToChange(person)).status).toBe(202);
    // The link to the new address, and the notice to the old one.
    expect(await waiting(person)).toBe(LIMIT + 2);
  });

  it('M2 notices are written, however many mails wait', async () => {
    const person = await filled();
    const made = await person.post('/api/api-keys', { name: 'a key', scopes: ['meals:read'] });
    expect(made.status).toBe(201);
    expect(await waiting(person)).toBe(LIMIT + 1);
    const changed = await person.put('/api/users/me/password', {
      current_password: PASSWORD,
      new_password: 'quiet river under seven stars',
    });
    expect(changed.status).toBe(204);
    expect(await waiting(person)).toBe(LIMIT + 2);
  });

  it('M1 delivered mails make room', async () => {
    const person = await filled();
    await app.app.get(OutboxWorker).drain();
    expect(await usageOf(person)).toEqual({ name: 'pending_mails', limit: LIMIT, used: 0 });
    await forgot(emailOf(person));
    expect(await waiting(person)).toBe(1);
  });
});
