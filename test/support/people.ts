import { instantText } from '../../src/platform/database/database.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import type { SqlValue } from '../../src/platform/database/statements.js';
import type { Role } from '../../src/modules/identity/users/user.entity.js';
import type { Api } from './api.js';
import type { TestApp } from './app.js';

/** A new person with a role and a verified e-mail address, signed in with two factors. */
export async function personWith(app: TestApp, role: Role): Promise<Api> {
  const person = await app.api.register();
  const verifiedAt = instantText(new Date());
  await change(app, 'UPDATE users SET role = ?, email_verified_at = ? WHERE id = ?', [
    role,
    verifiedAt,
    person.userId,
  ]);
  await change(app, 'UPDATE sessions SET aal = 2 WHERE user_id = ?', [person.userId]);
  // Only the next access token contains the new assurance level.
  const { body } = await app.api.post('/api/auth/refresh', {
    refresh_token: person.account['refresh_token'],
  });
  return person.bearer(body['access_token'] as string);
}

/** Changes rows directly in the database, without the service. */
export const change = (app: TestApp, sql: string, values: readonly SqlValue[]): Promise<number> =>
  app.app.get(UnitOfWork).run(() => app.db.execute(sql, values));

export const emailOf = (person: Api): string => person.account['user'].email as string;
