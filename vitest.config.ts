import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import { defineConfig, type Plugin } from 'vitest/config';

/** The same compiler as the build, with the same settings: decorators keep their types. */
const swc: Plugin = {
  name: 'swc',
  enforce: 'pre',
  transform: (code, id) =>
    id.endsWith('.ts') ? transform(code, { filename: id, swcrc: true, sourceMaps: true }) : undefined,
};

/** Tests that touch data run once per database; the rest runs once. */
const onDatabase = (name: 'sqlite' | 'mariadb') => ({
  extends: true as const,
  test: {
    name,
    include: ['test/{http,database,process,contract,foreign}/**/*.test.ts', 'test/client/**/*.http.test.ts'],
    globalSetup: ['test/support/services.ts'],
    provide: { engine: name },
  },
});

/** The client as it is, not as it was built last. */
const client = fileURLToPath(new URL('clients/typescript/src', import.meta.url));

export default defineConfig({
  plugins: [swc],
  resolve: {
    alias: [
      { find: /^@hale\/client$/, replacement: `${client}/index.ts` },
      { find: /^@hale\/client\/file$/, replacement: `${client}/storage/file.ts` },
    ],
  },
  oxc: false,
  test: {
    pool: 'forks',
    // A third of the time goes into loading modules otherwise. No test file may rely on a fresh module.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    setupFiles: ['test/support/setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/{unit,architecture,client,model}/**/*.test.ts'],
          exclude: ['test/client/**/*.http.test.ts'],
        },
      },
      onDatabase('sqlite'),
      onDatabase('mariadb'),
    ],
  },
});
