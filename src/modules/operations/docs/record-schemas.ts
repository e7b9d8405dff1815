import { camelCase, snakeCase } from '../../../platform/database/naming.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import {
  type ApiDocument,
  reference,
  type Schema,
  schemaNameOf,
} from '../../../kernel/http/openapi/document.js';

type MutableSchemas = ApiDocument['components']['schemas'];

const schemaReference = (name: string) => reference('schemas', name);
const patchName = (name: string): string => name.replace(/Fields(?=(Dto)?$)/, 'Patch');

const writableFirst = (kinds: readonly RecordKind[]): RecordKind[] =>
  kinds.toSorted((a, b) => Number(b.isWritable) - Number(a.isWritable));

/** A field for a record of any kind lists the kinds of the catalog; those that clients write come first. */
export function listRecords(document: ApiDocument, kinds: readonly RecordKind[]): void {
  const { schemas } = document.components;
  const ordered = writableFirst(kinds);
  // The list of kinds that the client is generated from.
  document['x-kinds'] = Object.fromEntries(
    kinds.flatMap(({ name, definition: { fields, data, groups, prevails } }) =>
      fields
        ? [
            [
              name,
              {
                fields: schemaReference(fields.name),
                data: schemaReference(data.name),
                groups: groups.map((properties) => properties.map((property) => snakeCase(property))),
                ...(prevails && {
                  prevails: { field: snakeCase(prevails.property), value: prevails.value },
                }),
              },
            ],
          ]
        : [],
    ),
  );
  for (const { definition } of ordered) if (definition.fields) addPatch(schemas, definition.fields.name);
  for (const { properties = {} } of Object.values(schemas))
    for (const [name, schema] of Object.entries(properties))
      if (schema['x-records']) properties[name] = withModels(schema, ordered);
}

/**
 * A schema that has a record, and beside it the field that names the record's kind, becomes a union of one variant for
 * each kind, told apart by that field. A generated client then knows the record's type once it has read the kind.
 */
export function discriminateKinds(document: ApiDocument, kinds: readonly RecordKind[]): void {
  const { schemas } = document.components;
  const ordered = writableFirst(kinds);
  for (const [name, schema] of Object.entries(schemas)) {
    const found = Object.entries(schema.properties ?? {}).find(([, { 'x-kind-field': field }]) => field);
    if (found) schemas[name] = unionOf(schemas, name, schema, found, ordered);
  }
  removeHints(schemas);
}

/** Adds the variants to the schemas. @returns what replaces the schema. */
function unionOf(
  schemas: MutableSchemas,
  name: string,
  { description, ...schema }: Schema,
  [field, record]: readonly [string, Schema],
  kinds: readonly RecordKind[],
): Schema {
  const propertyName = record['x-kind-field'] as string;
  const mapping: Record<string, string> = {};
  for (const kind of kinds.filter((it) => modelsOf(it, record).length > 0)) {
    // Such as `ChangeOfWeight`; a module has its own `WeightChange`.
    const variant = `${schemaNameOf(name)}Of${pascalCase(kind.name)}`;
    if (variant in schemas) throw new Error(`Two schemas of the API would be named ${variant}`);
    const { [propertyName]: kindName, ...properties } = schema.properties ?? {};
    mapping[kind.name] = schemaReference(variant).$ref;
    schemas[variant] = {
      description,
      ...schema,
      properties: {
        [propertyName]: {
          type: 'string',
          description: kindName?.['description'],
          example: kind.name,
          enum: [kind.name],
        },
        ...properties,
        [field]: withModels(record, [kind]),
      },
    };
  }
  const variants = Object.values(mapping).map(($ref) => ({ $ref }));
  return { description, oneOf: variants, discriminator: { propertyName, mapping } };
}

/** Removes what the fields of records told this file. */
function removeHints(schemas: MutableSchemas): void {
  for (const { properties = {} } of Object.values(schemas))
    for (const property of Object.values(properties)) {
      delete property['x-records'];
      delete property['x-kind-field'];
    }
}

/** The same fields, none of them required. */
function addPatch(schemas: MutableSchemas, name: string): void {
  const { required: _, ...schema } = schemas[name] ?? {};
  schemas[patchName(name)] = { ...schema, description: 'The changed fields, in whole groups.' };
}

/** The names of the schemas of a kind's records, in a field that holds what is written or what is shown. */
function modelsOf({ definition: { fields, data } }: RecordKind, { 'x-records': of }: Schema): string[] {
  if (of === 'data') return [data.name];
  return fields ? [fields.name, patchName(fields.name)] : [];
}

function withModels(schema: Schema, kinds: readonly RecordKind[]): Schema {
  const { type, additionalProperties: _, anyOf: before = [{ type }], ...rest } = schema;
  const models: Schema[] = kinds.flatMap((kind) => modelsOf(kind, schema)).map(schemaReference);
  // OpenAPI 3.0 says `nullable` instead, which stays.
  if (before.some((it) => it.type?.includes('null'))) models.push({ type: 'null' });
  return { ...rest, ...(models.length === 1 ? models[0] : { anyOf: models }) };
}

/** `blood_pressure` → `BloodPressure`. */
const pascalCase = (name: string): string => camelCase(`_${name}`);
