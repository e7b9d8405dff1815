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
    include: ['test/{http,database,process}/**/*.test.ts'],
    globalSetup: ['test/support/services.ts'],
    provide: { engine: name },
  },
});

export default defineConfig({
  plugins: [swc],
  oxc: false,
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    setupFiles: ['test/support/setup.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/{unit,architecture}/**/*.test.ts'] } },
      onDatabase('sqlite'),
      onDatabase('mariadb'),
    ],
  },
});
