import { readdirSync } from 'node:fs';

/** `below`: areas that all product areas use. `above`: areas that use all other areas. */
const below = ['identity'];
const above = ['gdpr', 'operations', 'sync'];
const product = readdirSync(new URL('src/modules', import.meta.url)).filter(
  (name) => ![...below, ...above].includes(name),
);
const areas = (names) => names.map((name) => `src/modules/${name}`);

/**
 * The ladder of imports, from bottom to top: a rung imports only from itself and from rungs below it. The import rules
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
    about: 'mechanisms that every module shares: HTTP rules, limits, sockets, events, audit, letters',
  },
  { name: 'records', paths: ['src/records'], about: 'what people own: kinds, merging, order, conflicts' },
  { name: 'identity', paths: areas(below), about: 'who somebody is, and whom they let in' },
  {
    name: 'product',
    paths: areas(product),
    about: 'one area for each part of the product; areas do not import each other',
  },
  {
    name: 'overview',
    paths: areas(above),
    about: 'areas that look at all others',
  },
  {
    name: 'app',
    paths: [
      'src/app.module.ts',
      'src/app.setup.ts',
      'src/commands',
      'src/schema.ts',
      'src/shutdown.ts',
      'src/main.ts',
      'migrations',
    ],
    about: 'the table of contents, the start, and the commands of operators',
  },
];

/** The roles that a file name of a module may have: `<noun>.<role>.ts`. */
export const roles = [
  'module',
  'entity',
  'controller',
  'service',
  'repository',
  'dto',
  'record',
  'scopes',
  'audit',
  'letters',
  'quotas',
  'guard',
  'gateway',
  'strategy',
  'presenter',
];

export const limits = { linesOfFile: 300, linesOfFunction: 40 };
