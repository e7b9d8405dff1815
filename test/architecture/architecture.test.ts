import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ladder } from '../../architecture.mjs';
import { schema } from '../../src/schema.js';

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && file.name.endsWith('.ts'))
    .map((file) => join(file.parentPath, file.name));

const sources = filesIn('src').map((path) => ({ path, text: readFileSync(path, 'utf8') }));
const having = (pattern: RegExp, except: RegExp = /^$/) =>
  sources.filter(({ path, text }) => pattern.test(text) && !except.test(path)).map(({ path }) => path);

describe('architecture', () => {
  it('every file stands on exactly one rung of the ladder', () => {
    const rungs = (path: string) =>
      ladder.filter(({ paths }) => paths.some((start) => path === start || path.startsWith(`${start}/`)));
    for (const { path } of sources) expect([path, rungs(path).length]).toEqual([path, 1]);
  });

  it('the README shows the ladder as it is', () => {
    const rows = ladder.map(({ name, about }) => `| ${name} | ${about} |`);
    for (const row of rows) expect(readFileSync('README.md', 'utf8')).toContain(row);
  });

  it('the import rules notice an import that runs up the ladder', () => {
    const report = () =>
      execFileSync(
        'npx',
        ['depcruise', '--config', '.dependency-cruiser.mjs', 'src', '--output-type', 'json'],
        { encoding: 'utf8', maxBuffer: 1e8 },
      );
    const { modules, summary } = JSON.parse(report());
    expect(summary.violations).toEqual([]);
    const seen = new Set(
      modules.flatMap((module: any) => module.dependencies.map((dependency: any) => dependency.resolved)),
    );
    // Resolved to sources: rules on paths that are never seen would hold for nothing.
    expect(seen).toContain('src/platform/database/unit-of-work.ts');
  });

  it('reads the environment in one place, and has no back doors', () => {
    expect(having(/process\.env/, /^src\/config\/config\.ts$/)).toEqual([]);
    expect(having(/forwardRef|Scope\.REQUEST|@ts-|declare global/)).toEqual([]);
    expect(having(/X-Test|NODE_ENV.*test/i, /^src\/config\//)).toEqual([]);
    expect(having(/new Date\(\)|Date\.now\(\)/, /^src\/platform\/clock\.ts$/)).toEqual([]);
  });

  it('knows every entity and every migration', () => {
    const entities = sources.flatMap(({ text }) =>
      [...text.matchAll(/@Entity\([^)]*\)[\s\S]*?export class (\w+)/g)].map((match) => match[1]),
    );
    expect(schema.entities.map(({ name }) => name).toSorted()).toEqual(entities.toSorted());
    const migrations = readdirSync('migrations').filter((name) => /^\d{13}-/.test(name));
    expect(schema.migrations).toHaveLength(migrations.length);
    expect(schema.migrations.map(({ name }) => name.slice(-13))).toEqual(
      migrations.map((name) => name.slice(0, 13)),
    );
  });

  it('explains every variable of the environment in .env.example', async () => {
    const { environment } = await import('../../src/config/environment.js');
    const example = readFileSync('.env.example', 'utf8');
    for (const name of Object.keys(environment)) expect(example).toMatch(new RegExp(`^#? ?${name}=`, 'm'));
    expect(Object.keys(environment)).not.toEqual([]);
  });

  it('takes every variable in docker-compose.yml from .env, but those that the file decides', async () => {
    const { environment } = await import('../../src/config/environment.js');
    const compose = readFileSync('docker-compose.yml', 'utf8');
    const [, section = ''] = /\n  api:\n[\s\S]*?\n    environment:\n((?: {6}.*\n)+)/.exec(compose) ?? [];
    const values = new Map(
      [...section.matchAll(/^ {6}(\w+): (.+)$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    expect([...values.keys()].toSorted()).toEqual(Object.keys(environment).toSorted());
    const decided = [...values].filter(([name, value]) => !new RegExp(`^\\$\\{${name}:[-?]`).test(value));
    expect(decided.map(([name]) => name)).toEqual([
      'NODE_ENV',
      'PORT',
      'HOST',
      'DATABASE_URL',
      'DATA_DIRECTORY',
      'REDIS_URL',
    ]);
  });
});
