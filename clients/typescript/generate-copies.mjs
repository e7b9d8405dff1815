import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path/posix';
import { pathToFileURL } from 'node:url';

/*
 * Copies what the service and its clients compute alike: the kinds of readings, their rules, and how readings become a summary; what
 * an item of a meal contains, and what items sum up to; which doses of medications are expected, and what became of them. The service's files are the only source. They import only types, each other and
 * what the client installs, so that they run everywhere.
 */
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const COPIED = {
  health: [
    'activity-kinds.ts',
    'body-kinds.ts',
    'derived-values.ts',
    'metric-kind.ts',
    'metric-kinds.presenter.ts',
    'metric-kinds.ts',
    'reading-id.ts',
    'reading-merge.ts',
    'reading-rules.ts',
    'roll-up.ts',
    'vital-kinds.ts',
  ].map((file) => `src/modules/health/health-metrics/${file}`),
  medications: [
    'dose-results.ts',
    'dose-slots.ts',
    'dose-states.ts',
    'intake-day.ts',
    'local-clocks.ts',
    'schedule-versions.ts',
    'shown-dose.ts',
    'slot-id.ts',
  ].map((file) => `src/modules/health/medications/${file}`),
  nutrition: [
    'foods/nutrients.ts',
    'foods/scale-nutrients.ts',
    'items/item-sums.ts',
    'items/item-values.ts',
  ].map((file) => `src/modules/nutrition/${file}`),
};

/** The copies: where each belongs, by its path from the root of the repository, and its content before it is formatted. */
export const copies = (root) =>
  Object.entries(COPIED).flatMap(([folder, sources]) =>
    sources.map((source) => ({
      path: `clients/typescript/src/${folder}/${basename(source)}`,
      text: `// Copied by \`npm run generate\` from ${source}: change it there.\n${copyOf(`${root}/${source}`, source, sources)}`,
    })),
  );

/** All copies of a folder are beside each other. */
const copyOf = (path, source, sources) =>
  readFileSync(path, 'utf8').replace(/ from '([^']+)'/g, (all, imported) => {
    if (imported in dependencies) return all;
    const target = join(source, '..', imported).replace(/\.js$/, '.ts');
    if (!sources.includes(target))
      throw new Error(`${source} imports ${imported}: a client does not have it`);
    return ` from './${basename(imported)}'`;
  });

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const { path, text } of copies('../..')) writeFileSync(`../../${path}`, text);
