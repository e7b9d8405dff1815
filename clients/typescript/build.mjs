import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';

/*
 * Writes dist: ES modules, CommonJS modules in dist/cjs, and the types of both. Declaration files are not compiled, and there are no
 * source maps, since the sources are not in the package.
 */
const run = (command, ...options) =>
  execFileSync('npx', ['--no-install', command, ...options], { stdio: 'inherit' });

const OPTIONS = '--strip-leading-paths --quiet --config-file .swcrc --ignore **/*.d.ts --source-maps false';

const compile = (directory, module) =>
  run('swc', 'src', '-d', directory, ...OPTIONS.split(' '), '-C', `module.type=${module}`);

rmSync('dist', { recursive: true, force: true });
compile('dist', 'es6');
compile('dist/cjs', 'commonjs');
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');

run('tsc');
for (const file of readdirSync('dist', { recursive: true }).map(String))
  if (file.endsWith('.d.ts') && !file.startsWith('cjs')) cpSync(`dist/${file}`, `dist/cjs/${file}`);
// The types of the API are large, so they are there once; both kinds of modules may read those of CommonJS.
cpSync('src/schema.d.ts', 'dist/cjs/schema.d.ts');
writeFileSync('dist/schema.d.ts', "export type * from './cjs/schema.js';\n");
