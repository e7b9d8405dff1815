import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

/*
 * Writes the built service and its packages into one file, for the tests, which start it a hundred times: half of a start is
 * finding and reading 3 500 modules. The build directory contains it, because every build empties that.
 */

const DIST = fileURLToPath(new URL('..', import.meta.url));
const TARGET = join(DIST, 'bundle');
const NATIVE = ['argon2', 'better-sqlite3'];
/** What Nest loads if an application uses it. */
const NOT_INSTALLED = [
  '@fastify/multipart',
  '@fastify/view',
  '@nestjs/microservices',
  '@nestjs/platform-express',
  '@nestjs/platform-socket.io',
  'class-transformer/storage',
];

const filesOf = (folder: string): string[] =>
  readdirSync(join(DIST, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => join(DIST, folder, file));

const isStarted = (file: string): boolean => /\/src\/(main|commands\/\w+)\.js$/.test(file);
const started = filesOf('src').filter(isStarted);
/** What `src/platform/discovery.ts` may find. */
const discovered = [...filesOf('src'), ...filesOf('migrations')].filter((file) => !isStarted(file));

/** The functions that import these files, by path. */
const table = (files: readonly string[]): string =>
  `{${files.map((file) => `${JSON.stringify(file)}: () => import(${JSON.stringify(file)})`).join(', ')}}`;

/** Each file still sees its own place, and what is imported by a computed name is imported from the bundle. */
const inPlace: Plugin = {
  name: 'in place',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.[cm]?js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!/import\.meta\.url|__dirname|__filename/.test(text)) return undefined;
      const discovers = path.endsWith('/src/platform/discovery.js');
      return {
        contents: text
          // A `require` of its own hides from esbuild which packages it loads.
          .replace(/^const require = createRequire\(import\.meta\.url\);$/m, '')
          .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
          .replace(/\b__dirname\b/g, JSON.stringify(dirname(path)))
          .replace(/\b__filename\b/g, JSON.stringify(path))
          .replace(/(?<=const loadFile = \(path\)\s*=>\s*).*?;/s, (found) =>
            discovers ? `(${table(discovered)})[path]();` : found,
          ),
      };
    }),
};

await build({
  stdin: { contents: `export const started = ${table(started)};`, resolveDir: DIST },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  mainFields: ['main', 'module'],
  outfile: join(TARGET, 'all.mjs'),
  plugins: [inPlace],
  external: [...NATIVE, ...NOT_INSTALLED],
  // Entities, migrations and errors are known by the names of their classes.
  keepNames: true,
  minifyWhitespace: true,
  logLevel: 'error',
  banner: {
    js: `import { createRequire as hale_createRequire } from 'node:module'; const require = hale_createRequire(${JSON.stringify(pathToFileURL(join(DIST, 'src/main.js')).href)});`,
  },
});

for (const file of started) {
  const target = join(TARGET, relative(DIST, file));
  await mkdir(dirname(target), { recursive: true });
  const all = relative(dirname(target), join(TARGET, 'all.mjs'));
  await writeFile(
    target,
    `import { started } from './${all}';\nawait started[${JSON.stringify(resolve(file))}]();\n`,
  );
}
