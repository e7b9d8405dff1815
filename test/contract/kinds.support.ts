import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import '../../src/app.module.js';
import { revive } from '../../src/kernel/http/answer.js';
import { camelCase, snakeCase } from '../../src/platform/database/naming.js';
import { sealRecords } from '../../src/records/define/define-record.js';
import type { Api } from '../support/api.js';
import type { Wire } from '../support/sync.js';

interface KindContract {
  readonly name: string;
  /** The path of its REST routes. */
  readonly path: string;
  /** The example of a new record in the document. */
  readonly example: Wire;
  readonly groups: readonly (readonly string[])[];
  /** The methods of the route of one record. A kind may have none, because sync can read, change and delete every record. */
  readonly methods: readonly string[];
  /** Whether the id of a record follows from its content. Everything else about such a kind needs a person without the record. */
  readonly isNamed: boolean;
}

/** Every kind that clients write, with the route that creates its records, according to openapi.json. */
function kindContracts(): KindContract[] {
  const { paths, components } = JSON.parse(readFileSync('openapi.json', 'utf8')) as Wire;
  const creations = Object.entries(paths as Wire).flatMap(([path, { post }]) => {
    const media = post?.requestBody?.content['application/json'];
    if (!media?.schema?.$ref) return [];
    const schema = components.schemas[media.schema.$ref.split('/').at(-1)];
    const methods = Object.keys(paths[`${path}/{id}`] ?? {}).map((method) => method.toUpperCase());
    return [
      { path, fields: Object.keys(schema.properties ?? {}), methods, example: firstOf(media.examples) },
    ];
  });
  return sealRecords()
    .filter(({ fields }) => fields !== undefined)
    .map(({ kind: name, groups: properties, fields: contract, check }) => {
      const groups = properties.map((group) => group.map(snakeCase));
      const own = groups.flat();
      const creation = creations.find(
        ({ fields }) =>
          fields
            .filter((field) => field !== 'id')
            .toSorted()
            .join() === own.toSorted().join(),
      );
      if (!creation) throw new Error(`No route creates a ${name} of ${own.join(', ')}`);
      const { id: _, ...example } = creation.example;
      const isNamed =
        contract !== undefined && check({ ...revive(contract, example) }, randomUUID()).length > 0;
      return { name, path: creation.path, example, groups, methods: creation.methods, isNamed };
    });
}

const firstOf = (examples: Wire): Wire => (Object.values(examples)[0] as Wire)['value'] as Wire;

/** The application is already loaded, so every kind is defined. */
export const kinds = kindContracts();

/** Stores the records to which an example refers: REST refuses it without them. */
export async function storeReferences(person: Api, example: Wire): Promise<void> {
  const entered = Object.fromEntries(
    Object.entries(example).map(([field, value]) => [camelCase(field), value]),
  );
  const references = sealRecords().flatMap(({ refersTo }) => refersTo(entered));
  for (const [id, kind] of new Map(references.map((one) => [one.id, one.kind]))) {
    const other = kinds.find(({ name }) => name === kind)!;
    const { status, body } = await person.post(other.path, { ...other.example, id });
    if (status !== 201) throw new Error(`The ${kind} was not stored: ${JSON.stringify(body)}`);
  }
}
