import { type ApiDocument, type Schema, schemaNameOf } from '../../../kernel/http/openapi/document.js';

const SCHEMAS = '#/components/schemas/';

/** Removes `Dto` from the names of the schemas, because it means nothing to a client. @throws when two would be equal */
export function shortenNames({ paths, components, 'x-kinds': kinds }: ApiDocument): void {
  const schemas: Record<string, Schema> = {};
  for (const [name, schema] of Object.entries(components.schemas)) {
    const short = schemaNameOf(name);
    if (short in schemas)
      throw new Error(`Two schemas of the API would be named ${short}; rename one of them`);
    schemas[short] = schema;
  }
  components.schemas = schemas;
  redirect([paths, components, kinds]);
}

/** Updates every reference to a renamed schema. */
function redirect(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Schema;
  if (typeof schema.$ref === 'string' && schema.$ref.startsWith(SCHEMAS))
    schema.$ref = schemaNameOf(schema.$ref);
  const mapping = schema.discriminator?.mapping ?? {};
  for (const [value, name] of Object.entries(mapping)) mapping[value] = schemaNameOf(name);
  for (const value of Object.values(node)) redirect(value);
}
