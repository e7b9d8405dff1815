import fc, { type Arbitrary } from 'fast-check';
import { type Damage, damages } from './damage.js';
import type { ApiDocument, Operation, Parameter } from './document.js';
import { Pending } from './pending.js';
import { type SenderName, SENDERS } from './people.js';
import { Values } from './values.js';

type Named = Readonly<Record<string, unknown>>;

/** One request, with values that are known only when it is sent. */
export interface Step {
  readonly sender: SenderName;
  /** Undefined for a route that does not exist. */
  readonly operation: Operation | undefined;
  readonly method: string;
  readonly path: string;
  readonly inPath: Named;
  readonly query: Named;
  readonly headers: Named;
  readonly body: unknown;
  /** What is wrong with the request; undefined when it is valid. */
  readonly damage: (Damage & { readonly part: Part }) | undefined;
  /** Whether the next request is sent without waiting for the answer to this one. */
  readonly isJoined: boolean;
}

export type Part = 'body' | 'query' | 'path' | 'header' | 'target';

/** Nobody else may send these, or the requests that follow would have no account. */
const OF_LEAVER = new Set(['DELETE /api/users/me', 'PUT /api/users/me/password']);

const UNKNOWN_PATHS = [
  '/api/nothing',
  '/api/meals/',
  '/api//meals',
  '/api/meals/../users/me',
  '/api/%2e%2e/users/me',
  '/api/Meals',
  '/api/v2/meals',
  '/api/meals/019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10/nothing',
  '/%',
  '/api/%zz',
  '/api/%00',
  '/api/meals%2f',
  `/${'x'.repeat(5_000)}`,
  '*',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];

const joined = fc.oneof(
  { arbitrary: fc.constant(false), weight: 3 },
  { arbitrary: fc.constant(true), weight: 1 },
);

/** All requests of a document, valid ones and wrong ones. */
export function stepsOf(document: ApiDocument): Arbitrary<Step> {
  const values = new Values(document);
  const paths = new Set(document.operations.map(({ path }) => path));
  // More of what others need: the record that is read, changed and deleted by its id.
  const known = document.operations.map((operation) => ({
    arbitrary: stepOf(operation, values),
    weight: operation.method === 'POST' && paths.has(`${operation.path}/{id}`) ? 12 : 4,
  }));
  return fc.oneof(...known, { arbitrary: unknown, weight: 8 });
}

/**
 * Requests of the person who closes the account or changes the password, all at once and one of them the end: what is
 * written for an account that has just gone must be refused like any other request without an account.
 */
export function endingsOf(document: ApiDocument): Arbitrary<Step[]> {
  const values = new Values(document);
  const end = document.operations.filter(({ route }) => OF_LEAVER.has(route));
  const step = fc.oneof(...document.operations.map((operation) => stepOf(operation, values)));
  const last = fc.oneof(...end.map((operation) => stepOf(operation, values)));
  return fc.tuple(fc.array(step, { minLength: 3, maxLength: 8 }), last, fc.nat(8)).map(([steps, one, at]) => {
    const all = steps.toSpliced(at % steps.length, 0, one);
    return all.map((made, index) => ({
      ...made,
      sender: 'leaver' as const,
      damage: undefined,
      isJoined: index < all.length - 1,
    }));
  });
}

const unknown: Arbitrary<Step> = fc
  .record({
    sender: fc.constantFrom(...SENDERS),
    method: fc.constantFrom(...METHODS),
    path: fc.constantFrom(...UNKNOWN_PATHS),
    isJoined: joined,
  })
  .map((made) => ({
    ...made,
    operation: undefined,
    inPath: {},
    query: {},
    headers: {},
    body: undefined,
    damage: undefined,
  }));

function stepOf(operation: Operation, values: Values): Arbitrary<Step> {
  const of = (place: Parameter['in']): Arbitrary<Named> => {
    const parameters = operation.parameters.filter((one) => one.in === place);
    const fields = parameters.map((one) => [one.name, parameterOf(one, operation, values)] as const);
    const required = parameters.filter((one) => one.required).map(({ name }) => name);
    return fc.record(Object.fromEntries(fields), { requiredKeys: required }) as Arbitrary<Named>;
  };
  return fc.record({
    sender: sendersOf(operation),
    operation: fc.constant(operation),
    method: fc.constant(operation.method),
    path: fc.constant(operation.path),
    inPath: of('path'),
    query: of('query'),
    headers: of('header'),
    body: operation.body ? values.of(operation.body, 'body') : fc.constant(undefined),
    damage: fc.option(damageOf(operation), { nil: undefined, freq: 2 }),
    isJoined: joined,
  });
}

function sendersOf({ route, path }: Operation): Arbitrary<SenderName> {
  if (OF_LEAVER.has(route)) return fc.constantFrom('leaver', 'nobody', 'key', 'signed key');
  const usual: SenderName = path.startsWith('/api/admin/')
    ? 'admin'
    : path.endsWith('/received')
      ? 'coach'
      : 'user';
  return fc.oneof(
    { arbitrary: fc.constant(usual), weight: 4 },
    { arbitrary: fc.constantFrom(...SENDERS), weight: 6 },
  );
}

function damageOf({ body, path, parameters }: Operation): Arbitrary<Damage & { part: Part }> {
  const parts: Part[] = ['query', 'header', 'target'];
  if (body) parts.push('body', 'body', 'body', 'body', 'body', 'body');
  if (path.includes('{')) parts.push('path');
  if (parameters.some((one) => one.in === 'query')) parts.push('query', 'query');
  return fc.tuple(damages, fc.constantFrom(...parts)).map(([damage, part]) => ({ ...damage, part }));
}

const KEYS = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6'];

function parameterOf(
  { name, in: place, schema }: Parameter,
  { path }: Operation,
  values: Values,
): Arbitrary<unknown> {
  if (name === 'Idempotency-Key') return fc.oneof(fc.constantFrom(...KEYS), fc.uuid());
  if (name === 'If-None-Match') return known('etag', fc.constant('W/"1.0"'));
  if (name === 'X-Sync-User') return known('user_id', fc.uuid());
  if (name === 'X-Client-Version') return fc.constantFrom('2.4.0', '0.0.1', 'x');
  if (name === 'ticket' || name === 'search') return fc.constantFrom('a', 'fuzz', '%', '_', "'");
  if (place !== 'path') return values.of(schema, name);
  return name === 'id'
    ? known(`id of ${path.slice(0, path.indexOf('/{id}'))}`, fc.uuid())
    : values.of(schema, name);
}

const known = (name: string, otherwise: Arbitrary<unknown>): Arbitrary<unknown> =>
  fc
    .tuple(fc.constantFrom('own', 'own', 'own', 'other'), fc.nat(1_000), otherwise)
    .map(([source, choice, value]) => new Pending(name, source as 'own' | 'other', choice, value));
