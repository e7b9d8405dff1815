import { type ApiDocument, type Json, operationsOf, type Schema, schemaName } from './document.js';

/** What Nest writes for OpenAPI 3.0, in the words of 3.1. */
export function modernizeSchemas(document: ApiDocument): void {
  const { schemas } = document.components;
  for (const [name, schema] of Object.entries(schemas)) schemas[name] = plainReferences(schema) as Schema;
  closeRequestSchemas(document);
}

/** A lone reference needs no `allOf` around it to stand beside a description. */
function plainReferences(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(plainReferences);
  if (typeof node !== 'object' || node === null) return node;
  const { allOf, ...rest } = node as Schema;
  const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, plainReferences(value)]));
  if (!allOf) return copy;
  return allOf.length === 1 ? { ...allOf[0], ...copy } : { ...copy, allOf: plainReferences(allOf) };
}

/** A request with a field nobody knows is refused: its schemas say so. */
function closeRequestSchemas(document: ApiDocument): void {
  const { schemas } = document.components;
  const waiting = operationsOf(document).map(({ requestBody }) => requestBody);
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
