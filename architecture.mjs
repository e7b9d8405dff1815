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
    paths: ['src/modules/users', 'src/modules/auth', 'src/modules/health-metrics'],
    about: 'the product; a module reaches another only through its public.ts',
  },
  { name: 'overview', paths: ['src/modules/operations'], about: 'modules that look at all others' },
  {
    name: 'app',
    paths: [
      'src/app.module.ts',
      'src/app.setup.ts',
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
