import type { ErrorCode } from '../http/errors.js';
import { isRead, type Resource, scopeOf } from '../http/scopes.js';
import type { Operation, Parameter } from './document.js';

/** What the access guard asks of an operation, as `kernel/http/actor.ts` says it in extensions. */
const HINTS = ['x-fresh', 'x-unverified', 'x-admin', 'x-resource'] as const;

const OWNER: Parameter = {
  name: 'owner_id',
  in: 'query',
  description:
    'Read the data of this person, who has granted it. The person sees that, and when. Not with an API key.',
  schema: { type: 'string', format: 'uuid', examples: ['019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33'] },
};

/** Says who may use an operation, and takes the hints away. @returns the errors that follow from it. */
export function documentAccess(operation: Operation, method: string): ErrorCode[] {
  const [isFresh, isUnverified, isAdmin, resource] = HINTS.map((hint) => operation[hint]);
  for (const hint of HINTS) delete operation[hint];
  if (operation['x-public']) {
    operation['security'] = [];
    return [];
  }
  return [
    'insufficient-scope',
    ...(isFresh ? ['step-up-required' as const] : []),
    ...(isUnverified ? [] : ['email-unverified' as const]),
    ...(isAdmin ? (['forbidden', 'second-factor-required'] as const) : []),
    ...(resource ? share(operation, method.toUpperCase(), resource as Resource) : []),
  ];
}

function share(operation: Operation, method: string, resource: Resource): ErrorCode[] {
  // OpenAPI lists scopes of bearer tokens since 3.1: "role names that are not otherwise defined".
  operation['security'] = [{ access_token: [] }, { api_key: [scopeOf(resource, method)] }];
  if (!isRead(method)) return ['invalid-signature'];
  operation.parameters = [...(operation.parameters ?? []), OWNER];
  return ['invalid-signature', 'not-found'];
}
