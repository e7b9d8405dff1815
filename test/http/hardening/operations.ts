import type { Api } from '../../support/api.js';

export interface Schema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly required?: readonly string[];
  readonly minItems?: number;
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  /** Alternatives; tests use the first, which is the most complete. */
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
}

/** An operation of the OpenAPI document with resolved references. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly isPublic: boolean;
  /** The path for this id, with its required query. */
  readonly at: (id: string) => string;
  /** The body, if it takes one. */
  readonly body?: Schema;
  readonly query: readonly string[];
  /** Its error codes by status; those of every operation are under `default`. */
  readonly problems: Readonly<Record<string, readonly string[]>>;
}

/** The document at `/openapi.json`. */
export async function operationsOf(api: Api): Promise<Operation[]> {
  const { status, body: document } = await api.get('/openapi.json');
  if (status !== 200) throw new Error(`/openapi.json answered ${status}: ${JSON.stringify(document)}`);
  const schemas = document['components'].schemas as Record<string, Schema>;
  const resolve = (schema: Schema): Schema => {
    const { allOf = [], anyOf = [], $ref, ...own } = schema;
    const referred = [$ref, ...[...allOf, ...anyOf.slice(0, 1)].map((part) => part.$ref)].flatMap(
      (ref) => ref?.split('/').at(-1) ?? [],
    );
    const whole: Schema = Object.assign({}, ...referred.map((name) => resolve(schemas[name]!)), own);
    const isNullable = anyOf.some(({ type }) => type === 'null');
    return {
      ...whole,
      ...(isNullable ? { type: [...typesOf(whole), 'null'] } : {}),
      ...(whole.items ? { items: resolve(whole.items) } : {}),
      ...(whole.properties
        ? {
            properties: Object.fromEntries(
              Object.entries(whole.properties).map(([name, part]) => [name, resolve(part)]),
            ),
          }
        : {}),
    };
  };
  return Object.entries(document['paths'] as Record<string, Record<string, any>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: operation['operationId'] as string,
      method: method.toUpperCase(),
      path,
      isPublic: operation['security']?.length === 0,
      at: (id: string) =>
        exampled(path.replace(/\{(?:id|client_id)\}/, id), operation) + requiredQuery(operation),
      ...(operation['requestBody']?.content['application/json']
        ? { body: resolve(operation['requestBody'].content['application/json'].schema as Schema) }
        : {}),
      query: ((operation['parameters'] ?? []) as { in: string; name: string }[])
        .filter((it) => it.in === 'query')
        .map((it) => it.name),
      problems: Object.fromEntries(
        Object.entries(operation['responses'] as Record<string, any>).map(([status, response]) => {
          const whole = response.$ref
            ? document['components'].responses[response.$ref.split('/').at(-1)]
            : response;
          return [status, Object.keys(whole.content?.['application/problem+json']?.examples ?? {})];
        }),
      ),
    })),
  );
}

/** The path with the documented examples of its other parameters. */
const exampled = (path: string, { parameters = [] }: { parameters?: Parameter[] }): string =>
  parameters
    .filter((it) => it.in === 'path')
    .reduce((filled, { name, schema }) => filled.replace(`{${name}}`, String(schema.examples?.[0])), path);

/** Built from the examples of the document. */
function requiredQuery({ parameters = [] }: { parameters?: Parameter[] }): string {
  const required = parameters.filter((it) => it.in === 'query' && it.required);
  const values = required.map(({ name, schema }): [string, string] => [name, String(schema.examples?.[0])]);
  return values.length > 0 ? `?${new URLSearchParams(values)}` : '';
}

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

/** A body with exactly the required fields, from the examples of the document. */
export const exampleOf = (schema: Schema): Record<string, unknown> =>
  Object.fromEntries(
    (schema.required ?? []).map((name) => {
      const field = schema.properties![name]!;
      return [name, field.items ? [exampleOf(field.items)] : (field.example ?? field.examples?.[0])];
    }),
  );

export const typesOf = ({ type }: Schema): readonly string[] =>
  typeof type === 'string' ? [type] : (type ?? ['string']);
