/* The parts of an OpenAPI document that `kernel/http/openapi` reads or changes. Parts that it only copies have loose types. */

export type Json = Record<string, unknown>;

export interface Schema extends Json {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  discriminator?: { propertyName: string; mapping: Record<string, string> };
  example?: unknown;
}

export interface Parameter extends Json {
  name: string;
  in: 'query' | 'header' | 'path' | 'cookie';
  description?: string;
  schema?: Schema;
}

export interface Body extends Json {
  content?: Record<string, Json & { schema?: Schema }>;
}

export interface Response extends Body {
  description: string;
  headers?: Json;
}

export interface Operation extends Json {
  parameters?: Parameter[];
  requestBody?: Body;
  responses: Record<string, Response>;
}

export interface ApiDocument extends Json {
  tags?: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Schema>;
    [section: string]: Json;
  };
}

export type Schemas = Readonly<Record<string, Schema>>;

export const reference = (section: string, name: string): { $ref: string } => ({
  $ref: `#/components/${section}/${name}`,
});

/** A reference to a response in the components. */
export const responseReference = (name: string): Response =>
  reference('responses', name) as unknown as Response;

/** The name of the schema to which this schema refers; undefined when it is no reference. */
export const schemaName = (schema: Schema | undefined): string | undefined => schema?.$ref?.split('/').at(-1);

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch']);

/** All operations, each with its HTTP method in lower case. */
export const operationsOf = ({ paths }: ApiDocument): [string, Operation][] =>
  Object.values(paths).flatMap((path) => Object.entries(path).filter(([method]) => METHODS.has(method)));

/** The name of a contract class in the document: `Dto` means nothing to a client. */
export const schemaNameOf = (className: string): string => className.replace(/Dto$/, '');

/** The JSON of a body, also in a format that others define, such as FHIR. */
export const jsonOf = (body: Body | undefined): (Json & { schema?: Schema }) | undefined =>
  Object.entries(body?.content ?? {}).find(([type]) => /^application\/([\w.-]+\+)?json$/.test(type))?.[1];
