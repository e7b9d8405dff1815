import { readdirSync } from 'node:fs';

/** Modules that look at all others, through the catalog or the database. */
const overview = ['src/modules/operations', 'src/modules/realtime', 'src/modules/sync'];
const product = readdirSync(new URL('src/modules', import.meta.url))
  .map((name) => `src/modules/${name}`)
  .filter((path) => !overview.includes(path));

/**
 * The ladder of imports: a rung imports from itself and from rungs below it, never from one above. The import rules
 * (`npm run check:ladder`), the architecture test and the README's table are derived from this array.
 */
export const ladder = [
  { name: 'config', paths: ['src/config'], about: 'one validated schema of the environment' },
  {
    name: 'platform',
    paths: ['src/platform'],
    about: 'adapters to the outside: database, Redis, clock, log',
  },
  {
    name: 'kernel',
    paths: ['src/kernel'],
    about: 'what every module shares: HTTP rules, records and their order, limits',
  },
  {
    name: 'modules',
    paths: product,
    about: 'the product; a module reaches another only through its public.ts',
  },
  { name: 'overview', paths: overview, about: 'modules that look at all others' },
  {
    name: 'app',
    paths: [
      'src/app.module.ts',
      'src/app.setup.ts',
      'src/discovery.ts',
      'src/schema.ts',
      'src/shutdown.ts',
      'src/main.ts',
      'migrations',
    ],
    about: 'the table of contents, and the start',
  },
];

/** Endings a file of a module may have: `<noun>.<role>.ts`. */
export const roles = [
  'module',
  'entity',
  'controller',
  'service',
  'repository',
  'dto',
  'record',
  'guard',
  'strategy',
  'wire',
];

export const limits = { linesOfFile: 300, linesOfFunction: 40 };
