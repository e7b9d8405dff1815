import { declaredExamples, type Examples } from '../documented.js';
import { type Body, jsonOf, type Schema, type Schemas, schemaName } from './document.js';

/** Adds complete examples to a JSON body: those that its DTO declares, or one built from the examples of its fields. */
export function showExamples(body: Body | undefined, schemas: Schemas): void {
  const media = jsonOf(body);
  if (!media?.schema) return;
  const name = schemaName(media.schema);
  media['examples'] = (name !== undefined && declaredExamples(name)) || {
    example: { summary: 'An example', value: compose(media.schema, schemas) },
  };
}

function compose(schema: Schema, schemas: Schemas): unknown {
  const name = schemaName(schema);
  if (name !== undefined)
    return firstDeclared(declaredExamples(name)) ?? compose(schemas[name] ?? {}, schemas);
  if (schema.example !== undefined) return schema.example;
  if (schema.items) return [compose(schema.items, schemas)];
  if (schema.properties) return composeObject(schema.properties, schemas);
  const [first] = schema.allOf ?? schema.oneOf ?? schema.anyOf ?? [];
  return first && compose(first, schemas);
}

const composeObject = (properties: Record<string, Schema>, schemas: Schemas): unknown =>
  Object.fromEntries(
    Object.entries(properties).map(([field, { example, ...schema }]) => [
      field,
      example === undefined ? compose(schema, schemas) : example,
    ]),
  );

const firstDeclared = (examples: Examples | undefined): unknown => Object.values(examples ?? {})[0]?.value;
