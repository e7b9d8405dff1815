import { readFileSync } from 'node:fs';
import '../../src/app.module.js';
import { sealRecords } from '../../src/kernel/records/record.js';
import type { Wire } from '../support/sync.js';

interface KindContract {
  readonly name: string;
  /** Where its REST routes are. */
  readonly path: string;
  /** What the document gives as an example of a new one. */
  readonly example: Wire;
  readonly groups: readonly (readonly string[])[];
}

/** Every kind that clients write, with the route whose creation takes its fields, as openapi.json has it. */
function kindContracts(): KindContract[] {
  const { paths, components } = JSON.parse(readFileSync('openapi.json', 'utf8')) as Wire;
  const creations = Object.entries(paths as Wire).flatMap(([path, { post }]) => {
    const media = post?.requestBody?.content['application/json'];
    if (!media?.schema?.$ref || paths[`${path}/{id}`] === undefined) return [];
    const schema = components.schemas[media.schema.$ref.split('/').at(-1)];
    return [{ path, fields: Object.keys(schema.properties), example: firstOf(media.examples) }];
  });
  return sealRecords()
    .filter(({ fields }) => fields !== undefined)
    .map(({ kind: name, groups }) => {
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
      return { name, path: creation.path, example, groups };
    });
}

const firstOf = (examples: Wire): Wire => (Object.values(examples)[0] as Wire)['value'] as Wire;

/** The application is loaded: so every kind is defined. */
export const kinds = kindContracts();
