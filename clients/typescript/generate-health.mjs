import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

/*
 * Copies what the service and its clients compute alike: the kinds of readings, their rules, and how readings become a summary.
 * The service's files are the only source. They import only types, each other and what the client installs, so that they run everywhere.
 */
const SERVICE = 'src/modules/health/health-metrics';
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const FILES = [
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
];

/** The copies: where each belongs, by its path from the root of the repository, and its content before it is formatted. */
export const copies = (root) =>
  FILES.map((file) => {
    const source = `${SERVICE}/${file}`;
    const text = readFileSync(`${root}/${source}`, 'utf8');
    for (const [, path] of text.matchAll(/ from '([^']+)'/g))
      if (
        !(path in dependencies) &&
        (!FILES.includes(basename(path).replace(/\.js$/, '.ts')) || !path.startsWith('./'))
      )
        throw new Error(`${source} imports ${path}: a client does not have it`);
    return {
      path: `clients/typescript/src/health/${file}`,
      text: `// Copied by \`npm run generate\` from ${source}: change it there.\n${text}`,
    };
  });

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const { path, text } of copies('../..')) writeFileSync(`../../${path}`, text);
