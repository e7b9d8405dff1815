/* The parts of an OpenAPI document as the finishing steps see them: loose where they only pass things on. */

export type Json = Record<string, unknown>;

export interface Schema extends Json {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
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

/** The schema's name when it is a reference to one. */
export const schemaName = (schema: Schema | undefined): string | undefined => schema?.$ref?.split('/').at(-1);

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch']);

/** Each with its method, in lower case. */
export const operationsOf = ({ paths }: ApiDocument): [string, Operation][] =>
  Object.values(paths).flatMap((path) => Object.entries(path).filter(([method]) => METHODS.has(method)));
