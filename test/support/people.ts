import { instantText } from '../../src/platform/database/database.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import type { SqlValue } from '../../src/platform/database/statements.js';
import type { Role } from '../../src/modules/users/public.js';
import type { Api } from './api.js';
import type { TestApp } from './app.js';

/** Somebody with a role, whose address is known to be theirs, signed in with two factors. */
export async function personWith(app: TestApp, role: Role): Promise<Api> {
  const person = await app.api.register();
  const verifiedAt = instantText(new Date());
  await change(app, 'UPDATE users SET role = ?, email_verified_at = ? WHERE id = ?', [
    role,
    verifiedAt,
    person.userId,
  ]);
  await change(app, 'UPDATE sessions SET aal = 2 WHERE user_id = ?', [person.userId]);
  // The claim comes with the next access token.
  const { body } = await app.api.post('/api/auth/refresh', {
    refresh_token: person.account['refresh_token'],
  });
  return person.bearer(body['access_token'] as string);
}

/** Changes a row behind the service's back. */
export const change = (app: TestApp, sql: string, values: readonly SqlValue[]): Promise<number> =>
  app.app.get(UnitOfWork).run(() => app.db.execute(sql, values));

export const emailOf = (person: Api): string => person.account['user'].email as string;
