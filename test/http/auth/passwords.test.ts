import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { LOGIN, login, ME, newEmail, outcome, REGISTER } from './support.js';

/** 64 characters and more than 72 bytes: bcrypt would ignore its end. */
const PASSPHRASE = 'Möwen fliegen 🕊️ über das graue Meer und 7 Boote kehren heim 🌊🌊🌊';

describe.runIf(hasDatabase())('passwords', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ hashesSlowly: true });
  });
  afterAll(() => app.stop());

  const register = (password: unknown, email = newEmail()): Promise<Answer> =>
    app.api.post(REGISTER, { email, password });

  it.each([
    ['7 characters', 'x7!Kq2m'],
    ['a common one', 'password1234'],
    ['a common one in other letters', 'PassWord1234'],
    ['257 characters', 'aB3-'.repeat(64) + 'x'],
    ['empty', ''],
    ['not text', 12_345_678],
    ['missing', undefined],
    ['null', null],
  ])('1 password policy: refuses %s, and names the field', async (_what, password) => {
    const email = newEmail();
    const answer = await register(password, email);
    expect(outcome(answer)).toBe('422 validation');
    expect(answer.body['errors'].map(({ field }: { field: string }) => field)).toEqual(['password']);
    expect(outcome(await register(PASSWORD, email)), 'no account was made').toBe('201');
  });

  it('1 password policy: refuses the e-mail address and its first part', async () => {
    const name = `n${randomBytes(8).toString('hex')}`;
    const email = `${name}@example.org`;
    for (const password of [email, email.toUpperCase(), name])
      expect(outcome(await register(password, email))).toBe('422 validation');
    expect(outcome(await register(`${name}.`, email))).toBe('201');
  });

  it.each([
    ['8 characters', 'x7!Kq2m.'],
    ['256 characters', 'aB3-'.repeat(64)],
    ['a passphrase with spaces and emoji', PASSPHRASE],
    ['spaces at both ends', '  two at each end  '],
    ['no Latin letter', 'пароль-без-латиницы'],
  ])('1 password policy: accepts %s, exactly as it was typed', async (_what, password) => {
    const email = newEmail();
    expect(outcome(await register(password, email))).toBe('201');
    expect(outcome(await login(app.api, email, password))).toBe('200');
    const others = [
      password.toUpperCase(),
      password.toLowerCase(),
      password.trim(),
      [...password].slice(0, -1).join(''),
      `${password} `,
    ];
    for (const other of others.filter((text) => text !== password && text.length <= 256))
      expect(outcome(await login(app.api, email, other)), other).toBe('401 invalid-credentials');
  });

  it('1 password policy: bytes after the 72nd count', async () => {
    expect([[...PASSPHRASE].length, Buffer.byteLength(PASSPHRASE) > 72]).toEqual([64, true]);
    const email = newEmail();
    await register(PASSPHRASE, email);
    const first72 = Buffer.from(PASSPHRASE).subarray(0, 72).toString();
    expect(Buffer.from(PASSPHRASE).indexOf(first72), 'a true prefix').toBe(0);
    expect(outcome(await login(app.api, email, first72))).toBe('401 invalid-credentials');
    expect(outcome(await login(app.api, email, PASSPHRASE))).toBe('200');
  });

  it('1 password policy: a composed and a decomposed letter are equal', async () => {
    const email = newEmail();
    await register('Übergrößenträger'.normalize('NFC'), email);
    expect(outcome(await login(app.api, email, 'Übergrößenträger'.normalize('NFD')))).toBe('200');
  });

  it('1 password policy: also applies to a new password', async () => {
    const person = await app.api.register();
    for (const next of ['x7!Kq2m', 'password1234', person.account['email']]) {
      const answer = await person.put(`${ME}/password`, { current_password: PASSWORD, new_password: next });
      expect(outcome(answer)).toBe('422 validation');
      expect(answer.body['errors'][0].field).toBe('new_password');
    }
    expect(outcome(await login(app.api, person.account['email']))).toBe('200');
  });

  it('1 password policy: no stored or returned value contains the password', async () => {
    const password = `canary ${randomBytes(12).toString('hex')}`;
    const answer = await register(password);
    expect(JSON.stringify(answer.body)).not.toContain(password);
    expect(Object.keys(answer.body['user'])).not.toContain('password_hash');
    const [row] = await app.db.rows<{ password_hash: string }>(
      'SELECT password_hash FROM users WHERE id = ?',
      [answer.body['user'].id],
    );
    expect(row!.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,/);
    const refused = await app.api.post(LOGIN, { email: newEmail(), password: `${password}\u0000` });
    expect(JSON.stringify(refused.body)).not.toContain(password);
  });
});
