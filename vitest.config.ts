import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import { defineConfig, type Plugin } from 'vitest/config';

/** Compiles with the compiler and settings of the build, so that decorators get their type metadata. */
const swc: Plugin = {
  name: 'swc',
  enforce: 'pre',
  transform: (code, id) =>
    id.endsWith('.ts') ? transform(code, { filename: id, swcrc: true, sourceMaps: true }) : undefined,
  // With other settings, the compiled sources that are kept do not count.
  configResolved: ({ configFileDependencies }) => void configFileDependencies.push(resolve('.swcrc')),
  // What runs in the main process is not kept: Vitest would read it as a buffer, on which stack traces fail.
  configureVitest: ({ experimental_defineCacheKeyGenerator: define }) =>
    define(({ environment }) => (environment.name === '__vitest__' ? false : undefined)),
};

/**
 * These start the service, but what they test is decided before a statement is sent: by the HTTP parser, by limits that are
 * kept in memory or Redis, by the handshake of a socket, at the start, or in a page. So they run on SQLite only.
 */
const WITHOUT_DATA = [
  'test/http/{access,docs,guides,welcome}.test.ts',
  'test/http/guards/{networks,throttle}.test.ts',
  'test/http/hardening/{framing,limits,redis,slow-readers,surface}.test.ts',
  'test/http/realtime/{abuse,handshake}.test.ts',
  'test/http/sockets/**/*.test.ts',
  'test/process/{account-pages,new-kind,passkeys,postman,swagger-ui}.test.ts',
];

const onDatabase = (
  name: string,
  engine: 'sqlite' | 'mariadb',
  include: string[],
  exclude: string[] = [],
) => ({
  extends: true as const,
  test: {
    name,
    include,
    exclude: ['**/node_modules/**', ...exclude],
    globalSetup: ['test/support/services.ts'],
    provide: { engine },
  },
});

/** Tests that start the service. They run once per database, except {@link WITHOUT_DATA}; all other tests run once. */
const DATA = [
  'test/{http,database,process,contract,foreign}/**/*.test.ts',
  'clients/typescript/test/**/*.http.test.ts',
];

/** The source of the client, so that the tests do not use an old build. */
const client = fileURLToPath(new URL('clients/typescript/src', import.meta.url));

export default defineConfig({
  plugins: [swc],
  resolve: {
    alias: [
      { find: /^@hale\/client$/, replacement: `${client}/index.ts` },
      { find: /^@hale\/client\/file$/, replacement: `${client}/storage/file.ts` },
      { find: /^@hale\/client\/health$/, replacement: `${client}/health.ts` },
      { find: /^@hale\/client\/kinds$/, replacement: `${client}/definitions.generated.ts` },
      { find: /^@hale\/client\/medications$/, replacement: `${client}/medications.ts` },
    ],
  },
  oxc: false,
  test: {
    pool: 'forks',
    // With isolation, a third of the time would be spent on loading modules. So no test file may rely on a fresh module.
    isolate: false,
    // More than two cores: a fifth of the time, a test waits for a timer, a database or another process.
    maxWorkers: 3,
    // Collecting the youngest objects was an eighth of the time: with more room it is rarer.
    execArgv: ['--max-semi-space-size=64'],
    // They end what hangs; how long something takes is no test's result.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // The tests in test/process start these in separate processes, where coverage is not measured.
      exclude: ['src/main.ts', 'src/shutdown.ts', 'src/commands/**'],
      reporter: ['text-summary', 'html', 'json-summary'],
      thresholds: { lines: 95, branches: 90 },
    },
    // Compiled sources are kept for the next run, and for the other projects of this run.
    experimental: { fsModuleCache: true },
    setupFiles: ['test/support/setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{test/{unit,architecture,model},clients/typescript/test}/**/*.test.ts'],
          exclude: ['clients/typescript/test/**/*.http.test.ts', '**/node_modules/**'],
        },
      },
      onDatabase('sqlite', 'sqlite', DATA),
      onDatabase('mariadb', 'mariadb', DATA, WITHOUT_DATA),
    ],
  },
});
