import type { ErrorCode } from '../errors.js';
import { isRead, scopeOf } from '../../access/scopes.js';
import type { Operation, Parameter } from './document.js';
import { WITHOUT_TOKEN } from './problems.js';

/** The extensions in which the decorators of `kernel/http/actor.ts` record what the authorize guard requires. */
const HINTS = ['x-fresh', 'x-unverified', 'x-admin', 'x-resource', 'x-in-part', 'x-session-welcome'] as const;

const OWNER: Parameter = {
  name: 'owner_id',
  in: 'query',
  description:
    'Reads the data of this person, who has granted you access. The person can see each access and its time. Not available with an API key.',
  schema: { type: 'string', format: 'uuid', examples: ['019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33'] },
};

/** Documents who may use an operation, and removes the hints. @returns the errors that the access rules can cause. */
export function documentAccess(operation: Operation, method: string): ErrorCode[] {
  const [isFresh, isUnverified, isAdmin, resource, isInPart, isSessionWelcome] = HINTS.map(
    (hint) => operation[hint],
  );
  for (const hint of HINTS) delete operation[hint];
  if (operation['x-public']) {
    operation['security'] = isSessionWelcome ? [{}, { access_token: [] }] : [];
    return isSessionWelcome ? [...WITHOUT_TOKEN, 'invalid-signature'] : [];
  }
  return [
    // A key that requires signatures is refused before it is known that the operation takes no keys.
    'invalid-signature',
    // `owner_id` is refused where nothing can be granted.
    'validation',
    'insufficient-scope',
    ...(isFresh ? ['step-up-required' as const] : []),
    ...(isUnverified ? [] : ['email-unverified' as const]),
    ...(isAdmin ? (['forbidden', 'second-factor-required'] as const) : []),
    ...(resource ? share(operation, method, [scopeOf(resource as string, method.toUpperCase())]) : []),
    ...(isInPart ? share(operation, method, []) : []),
  ];
}

function share(operation: Operation, method: string, scopes: string[]): ErrorCode[] {
  // Since 3.1, OpenAPI allows scopes for bearer tokens: "role names that are not otherwise defined".
  operation['security'] = [{ access_token: [] }, { api_key: scopes }];
  if (!isRead(method.toUpperCase())) return [];
  operation.parameters = [...(operation.parameters ?? []), OWNER];
  return ['not-found'];
}
