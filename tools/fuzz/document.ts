import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** The part of JSON Schema that the document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
  readonly items?: Schema;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly 'x-range-by'?: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

/** A documented answer. */
export interface Documented {
  /** Names in lower case. */
  readonly headers: readonly string[];
  readonly mediaType: string | undefined;
  readonly schema: Schema | undefined;
  /** The problems that it may be, by their codes. */
  readonly codes: readonly string[];
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  /** The route, such as `GET /api/users/me`. */
  readonly route: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  /** By status, or `default`. */
  readonly answers: ReadonlyMap<string, Documented>;
}

/** A part of the document that is not a schema. */
interface Node {
  readonly [key: string]: Node;
}

/** An OpenAPI document of the service, with the checks of a strict client. */
export class ApiDocument {
  readonly operations: readonly Operation[];
  private readonly ajv: Ajv2020;

  constructor(private readonly json: unknown) {
    this.ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
    formats.default(this.ajv);
    // An address may have letters of any script, for which ajv has no check.
    this.ajv.addFormat('idn-email', true);
    this.ajv.addSchema(closed(json), 'api');
    const paths = (json as Node)['paths'] ?? {};
    this.operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, node]) => this.read(method.toUpperCase(), path, node)),
    );
  }

  /** The schema to which a reference leads. */
  resolve<Kind extends object>(node: Kind): Kind {
    if (!('$ref' in node)) return node;
    let at: unknown = this.json;
    for (const key of String(node.$ref).slice(2).split('/')) at = (at as Node)[key];
    return at as Kind;
  }

  /** What is wrong with a value; members that the schema does not list are wrong too. */
  faults(schema: Schema, value: unknown): string[] {
    const validate = schema.$ref ? this.ajv.getSchema(`api${schema.$ref}`) : this.ajv.compile(schema);
    if (!validate) throw new Error(`There is no ${schema.$ref}`);
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  }

  private read(method: string, path: string, node: Node): Operation {
    const parameters = Object.values(node['parameters'] ?? {}).map((one) => this.resolve(one));
    return {
      method,
      path,
      route: `${method} ${path}`,
      parameters: parameters as unknown as Parameter[],
      body: node['requestBody']?.['content']?.['application/json']?.['schema'] as Schema | undefined,
      answers: new Map(
        Object.entries(node['responses'] ?? {}).map(([status, one]) => [
          status,
          readAnswer(this.resolve(one)),
        ]),
      ),
    };
  }
}

function readAnswer(node: Node): Documented {
  const [mediaType, content] = Object.entries(node['content'] ?? {})[0] ?? [];
  return {
    headers: Object.keys(node['headers'] ?? {}).map((name) => name.toLowerCase()),
    mediaType,
    schema: content?.['schema'] as Schema | undefined,
    codes: mediaType === 'application/problem+json' ? Object.keys(content?.['examples'] ?? {}) : [],
  };
}

/** A copy in which no object may have members that its schema does not list. */
function closed(json: unknown): object {
  const copy = structuredClone(json) as {
    components: { schemas: Record<string, { properties?: object; additionalProperties?: boolean }> };
  };
  // A problem may have members of its own (RFC 9457, 3.2).
  for (const [name, schema] of Object.entries(copy.components.schemas))
    if (schema.properties && name !== 'Problem') schema.additionalProperties = false;
  return copy;
}
