import { declaredRules, type FieldRules } from '../../../kernel/http/documented.js';
import {
  type ApiDocument,
  type Json,
  operationsOf,
  type Schema,
  schemaName,
} from '../../../kernel/http/openapi/document.js';

/** Converts what Nest writes for OpenAPI 3.0 to 3.1. */
export function modernizeSchemas(document: ApiDocument): void {
  const { schemas } = document.components;
  for (const [name, schema] of Object.entries(schemas))
    schemas[name] = { ...(plainReferences(schema) as Schema), ...ruleKeywords(declaredRules(name) ?? {}) };
}

/** The keywords of JSON Schema for rules between fields; OpenAPI 3.0 lacks most of them. */
function ruleKeywords({ together, exactlyOne }: FieldRules): Json {
  return {
    ...(together && {
      dependentRequired: Object.fromEntries(
        together.map((name) => [name, together.filter((other) => other !== name)]),
      ),
    }),
    ...(exactlyOne && { oneOf: exactlyOne.map((name) => ({ required: [name] })) }),
  };
}

/** OpenAPI 3.1 allows a description beside a reference, so a single reference needs no `allOf`. */
function plainReferences(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(plainReferences);
  if (typeof node !== 'object' || node === null) return node;
  const { allOf, ...rest } = node as Schema;
  const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, plainReferences(value)]));
  if (!allOf) return copy;
  return allOf.length === 1 ? { ...allOf[0], ...copy } : { ...copy, allOf: plainReferences(allOf) };
}

/** Marks request schemas as closed, because a request with an unknown field is refused. */
export function closeRequestSchemas(document: ApiDocument): void {
  const { schemas } = document.components;
  const waiting = operationsOf(document).map(([, { requestBody }]) => requestBody);
  const closed = new Set<string>();
  for (const node of waiting)
    for (const name of referencesIn(node)) {
      const schema = schemas[name];
      if (closed.has(name) || !schema) continue;
      closed.add(name);
      if (schema.properties) schema['additionalProperties'] = false;
      waiting.push(schema);
    }
}

function referencesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = schemaName(node as Schema);
  return [...(own === undefined ? [] : [own]), ...Object.values(node as Json).flatMap(referencesIn)];
}
