import type { RecordKind } from '../records/record-kind.js';
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

/** A field that holds a record of any kind lists what the catalog has; those that clients write come first. */
export function listRecords(document: ApiDocument, kinds: readonly RecordKind[]): void {
  const { schemas } = document.components;
  const ordered = kinds.toSorted((a, b) => Number(b.isWritable) - Number(a.isWritable));
  const written = ordered.flatMap(({ definition: { fields } }) => fields ?? []);
  const models = {
    data: ordered.map(({ definition }) => reference(definition.data.name)),
    fields: [...written.map(({ name }) => name), ...written.map(({ name }) => addPatch(schemas, name))].map(
      reference,
    ),
  };
  for (const { properties } of Object.values(schemas))
    for (const [name, { 'x-records': of, ...schema }] of Object.entries(
      (properties ?? {}) as Record<string, Schema>,
    ))
      if (properties && (of === 'fields' || of === 'data'))
        (properties as Record<string, unknown>)[name] = described(schema, models[of]);
}

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** The same fields, none of them required. @returns the name of the schema. */
function addPatch(schemas: ApiDocument['components']['schemas'], name: string): string {
  const patch = name.replace('Fields', 'Patch');
  const { required: _, ...schema } = schemas[name] ?? {};
  schemas[patch] = { ...schema, description: 'What changed of it, in whole groups.' } as Schema;
  return patch;
}

function described(schema: object, anyOf: readonly object[]): object {
  const { type: _, additionalProperties: __, nullable, ...rest } = schema as Record<string, unknown>;
  return { ...rest, anyOf: [...anyOf, ...(nullable === true ? [{ type: 'null' }] : [])] };
}
