import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'vitest';
import { storeReferences } from '../contract/kinds.support.js';
import { type Answer, Api } from '../support/api.js';
import { DAY, fromNow } from '../support/clock.js';
import { addPasskey, Authenticator } from '../support/authenticator.js';
import { Device, weightFields } from '../support/sync.js';
import { until } from '../support/until.js';

export type Json = Record<string, any>;

export interface Operation {
  readonly method: string;
  readonly path: string;
  /** The route, such as `GET /api/users/me`. */
  readonly route: string;
  readonly spec: Json;
}

export const WEIGHT = '/api/health-metrics/weight';

export const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as Json;
export const schemas = document['components'].schemas as Record<string, Json>;
export const operations: Operation[] = Object.entries(document['paths'] as Json).flatMap(([path, methods]) =>
  Object.entries(methods as Json).map(([method, spec]) => ({
    method: method.toUpperCase(),
    path,
    route: `${method.toUpperCase()} ${path}`,
    spec: spec as Json,
  })),
);

/** The document's schemas; with `closed`, undocumented members are errors too. */
function validatorOf(closed: boolean): (schema: Json, value: unknown) => string[] {
  const whole = structuredClone(document);
  if (closed)
    for (const schema of Object.values(whole['components'].schemas as Record<string, Json>))
      if (schema['properties']) schema['additionalProperties'] = false;
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  formats.default(ajv);
  ajv.addFormat('idn-email', true);
  ajv.addSchema(whole, 'api');
  return (schema, value) => {
    const $ref = `api${schema['$ref'] as string}`;
    const validate = ajv.getSchema($ref);
    if (!validate) throw new Error(`There is no ${$ref}`);
    return validate(value)
      ? []
      : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  };
}
export const faultsOf = validatorOf(false);
export const strictFaultsOf = validatorOf(true);

export const resolve = (node: Json): Json =>
  node['$ref']
    ? (node['$ref'] as string)
        .slice(2)
        .split('/')
        .reduce((at: Json, key) => at[key], document)
    : node;
/** The first status that is no error; for a redirect in the browser, the redirect. */
export const successOf = ({ spec }: Operation): [string, Json] =>
  responsesOf({ spec } as Operation).find(([status]) => /^[23]/.test(status)) as [string, Json];
export const media = (node: Json | undefined): Json | undefined =>
  node?.['content']?.['application/json'] ??
  node?.['content']?.['application/problem+json'] ??
  node?.['content']?.['application/fhir+json'];
export const examplesOf = (node: Json | undefined): [string, unknown][] =>
  Object.entries((media(node)?.['examples'] ?? {}) as Json).map(([name, example]) => [
    name,
    resolve(example).value,
  ]);

/** The operation of a route such as `GET /api/users/me`. */
export function operationOf(route: string): Operation {
  const operation = operations.find((it) => it.route === route);
  if (!operation) throw new Error(`${route} is not documented`);
  return operation;
}
export const parametersOf = ({ spec }: Operation): Json[] => (spec['parameters'] ?? []) as Json[];
export const responsesOf = ({ spec }: Operation): [string, Json][] =>
  Object.entries(spec['responses'] as Json).map(([status, response]) => [status, resolve(response as Json)]);
/** The documented answer of the operation with this status. */
export const responseOf = (operation: Operation, status: string): Json | undefined =>
  responsesOf(operation).find(([documented]) => documented === status)?.[1];

/** All objects in the document, with the keys that lead to them. */
export function* nodesOf(node: unknown, path: readonly string[] = []): Generator<[string[], Json]> {
  if (typeof node !== 'object' || node === null) return;
  yield [[...path], node as Json];
  for (const [key, value] of Object.entries(node)) yield* nodesOf(value, [...path, key]);
}

/** Compares body, media type and headers of an answer with the documented response. */
export function expectDocumented(response: Json, { status, headers, body }: Answer): void {
  const missing = Object.keys(response['headers'] ?? {}).filter(
    (name) => !headers.has(name) && name !== 'Idempotency-Replayed',
  );
  expect([status, body, missing]).toEqual([status, body, []]);
  const described = media(response);
  if (!described) {
    expect(body).toBe('');
    return;
  }
  expect(headers.get('content-type')).toBe(`${Object.keys(response['content'])[0]}; charset=utf-8`);
  expect([body, strictFaultsOf(described['schema'], body)]).toEqual([body, []]);
  expect(faultsOf(described['schema'], body)).toEqual([]);
}

/** The default of PUBLIC_URL. */
const ORIGIN = 'http://localhost:3000';

/** The parameter of a path that identifies what the operation is about. */
export const ID_PARAMETER = /\{(?:id|client_id)\}/;

/** The path of the operation with the documented examples of its parameters, except of the one in {@link ID_PARAMETER}. */
export const exampledPath = (operation: Operation): string =>
  parametersOf(operation)
    .filter(({ in: place, name }) => place === 'path' && !ID_PARAMETER.test(`{${name}}`))
    .reduce(
      (path, { name, schema, example }) =>
        path.replace(`{${name}}`, String(example ?? schema.example ?? schema.examples?.[0])),
      operation.path,
    );

/** An id for the operation, of a record that is created as documented. */
export async function idFor({ path }: Operation, person: Api): Promise<string> {
  if (path.includes('{client_id}')) return makeDevice(person);
  if (!path.includes('{id}')) return '';
  // The data of a provider cannot be in a document.
  if (path.includes('/identities/')) return randomUUID();
  // An account that may be changed and deleted, so not the only admin's.
  if (path.startsWith('/api/admin/')) return (await new Api(person.url).register()).userId;
  if (path.includes('/passkeys/')) return (await addPasskey(person, new Authenticator(ORIGIN))).body['id'];
  if (path.startsWith('/api/imports/')) return makeImport(person);
  if (path.startsWith('/api/sources/deletions/')) return makeDeletion(person);
  const creation = operations.find(({ route }) => route === `POST ${path.slice(0, path.indexOf('/{id}'))}`);
  if (creation) {
    const [example] = examplesOf(creation.spec['requestBody']);
    await storeReferences(person, (example?.[1] ?? {}) as Json);
    return (await person.post(exampledPath(creation), await personal(person, example?.[1]))).body[
      'id'
    ] as string;
  }
  if (path.includes('/conflicts/')) return makeConflict(person);
  await person.login({ device_id: 'another' });
  const { body } = await person.get('/api/auth/sessions');
  return body['data'].find(({ current }: Json) => !current).id as string;
}

/** An import of a small table, when it is the person's turn. */
async function makeImport(person: Api): Promise<string> {
  const form = new FormData();
  form.append('file', new Blob(['Date,Weight (kg)\n2026-01-13,82.5\n']), 'weights.csv');
  let id: string | undefined;
  await until(async () => {
    const answer = await fetch(`${person.url}/api/imports`, {
      method: 'POST',
      headers: person.headers,
      body: form,
    });
    ({ id } = (await answer.json()) as { id?: string });
    return id !== undefined;
  }, 250);
  await until(async () => (await person.get(`/api/imports/${id}`)).body['finished_at'] !== null, 100);
  return id ?? '';
}

/** The deletion of a source, when it has ended. */
async function makeDeletion(person: Api): Promise<string> {
  const reading = { metric: 'heart_rate', value: 58, unit: '/min', measured_at: '2026-01-06T06:40:00Z' };
  await person.post('/api/health-metrics', { ...reading, time_zone: 'UTC', source: 'watch' });
  const { body } = await person.delete('/api/sources/watch');
  const path = `/api/sources/deletions/${body['id']}`;
  await until(async () => (await person.get(path)).body['finished_at'] !== null, 100);
  return body['id'] as string;
}

/** A device that has pushed something. */
async function makeDevice(person: Api): Promise<string> {
  const device = await new Device(person).ready();
  await device.push(device.create('weight', weightFields()));
  return device.id;
}

/** Two devices that change one weight independently. */
async function makeConflict(person: Api): Promise<string> {
  const [one, other] = [await new Device(person).ready(), await new Device(person).ready()];
  const weight = one.create('weight', weightFields());
  await one.push(weight, one.update({ ...weight, version: 1 }, weightFields(80)));
  const [result] = await other.push(other.update({ ...weight, version: 1 }, weightFields(90)));
  return result?.['conflict_id'] as string;
}

/** Personal values of an example, replaced by those of this person. */
export async function personal(person: Api, example: unknown): Promise<unknown> {
  if (typeof example !== 'object' || example === null) return example;
  const own: Json = {};
  if ('refresh_token' in example) own['refresh_token'] = person.account['refresh_token'];
  if ('epoch' in example) own['epoch'] = (await person.get('/api/sync/status')).body['epoch'];
  if ('cursor' in example) own['cursor'] = (await person.get('/api/sync/pull')).body['cursor'];
  if ('owner_id' in example) own['owner_id'] = person.userId;
  if ('until' in example && 'scopes' in example) own['until'] = fromNow(DAY);
  if ('expires_at' in example) own['expires_at'] = fromNow(DAY);
  if ('X-Sync-User' in example) own['X-Sync-User'] = person.userId;
  return { ...example, ...own };
}

/** The routes in Fastify's printed router, a tree with an indentation of four characters per level. */
export function routesIn(drawing: string): { method: string; path: string }[] {
  const branch: string[] = [];
  return drawing.split('\n').flatMap((line) => {
    const [, indent, part, methods] = /^((?:[│ ] {3})*)[├└]── (\S+) \(([A-Z, ]+)\)$/.exec(line) ?? [];
    if (indent === undefined || part === undefined || methods === undefined) return [];
    const depth = indent.length / 4;
    branch.splice(depth, Infinity, part);
    // HEAD exists for every GET, and OPTIONS is for browsers.
    return methods
      .split(', ')
      .filter((method) => method !== 'HEAD' && method !== 'OPTIONS')
      .map((method) => ({ method, path: branch.join('') }));
  });
}
