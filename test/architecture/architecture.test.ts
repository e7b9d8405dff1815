import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
  it('puts every file on exactly one rung of the ladder', () => {
    const rungs = (path: string) =>
      ladder.filter(({ paths }) => paths.some((start) => path === start || path.startsWith(`${start}/`)));
    for (const { path } of sources) expect([path, rungs(path).length]).toEqual([path, 1]);
  });

  it('has the current ladder in the README', () => {
    const rows = ladder.map(({ name, about }) => `| ${name} | ${about} |`);
    for (const row of rows) expect(readFileSync('README.md', 'utf8')).toContain(row);
  });

  it('has import rules that detect an import up the ladder', () => {
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
    // The imports must be resolved to source files; otherwise the rules on paths would never apply.
    expect(seen).toContain('src/platform/database/unit-of-work.ts');
  });

  it('reads the environment in one place, and has no forbidden code', () => {
    expect(having(/process\.env/, /^src\/config\/config\.ts$/)).toEqual([]);
    expect(having(/forwardRef|Scope\.REQUEST|@ts-|declare global/)).toEqual([]);
    expect(having(/X-Test|NODE_ENV.*test/i, /^src\/config\//)).toEqual([]);
    expect(having(/new Date\(\)|Date\.now\(\)/, /^src\/platform\/clock\.ts$/)).toEqual([]);
  });

  it('uses owners in the record engine: only the default owner type is a user', () => {
    const own = sources.filter(({ path }) => path.startsWith('src/records/'));
    const naming = own.filter(({ text }) => /user/i.test(text)).map(({ path }) => path);
    expect(own.length).toBeGreaterThan(20);
    expect(naming.filter((path) => !path.startsWith('src/records/define/person/'))).toEqual([]);
    expect(naming).toContain('src/records/define/person/person.owner.ts');
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

  it('names in SQL only the tables of its own folder', () => {
    const uncommented = sources.map(({ path, text }) => ({
      path,
      text: text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''),
    }));
    const owners = new Map(
      uncommented.flatMap(({ path, text }) =>
        [...text.matchAll(/@Entity\('(\w+)'\)/g)].map(([, table]) => [table, dirname(path)] as const),
      ),
    );
    expect(owners.size).toBe(schema.entities.length);
    // Sync and the record engine share the tables with the order of records.
    const mayRead = (path: string, owner: string) =>
      path.startsWith(`${owner}/`) ||
      (owner.startsWith('src/records/') && /^src\/(?:records|modules\/sync)\//.test(path));
    const foreign = uncommented.flatMap(({ path, text }) =>
      [...text.matchAll(/\b(?:FROM|JOIN|INTO|UPDATE)\s+`?(\w+)/g)].flatMap(([, table]) => {
        const owner = owners.get(table);
        return owner === undefined || mayRead(path, owner) ? [] : [`${path}: ${table}`];
      }),
    );
    expect(foreign).toEqual([]);
  });

  it('explains every variable of the environment in .env.example', async () => {
    const { environment } = await import('../../src/config/environment.js');
    const example = readFileSync('.env.example', 'utf8');
    for (const name of Object.keys(environment)) expect(example).toMatch(new RegExp(`^#? ?${name}=`, 'm'));
    expect(Object.keys(environment)).not.toEqual([]);
  });

  it('takes every variable in docker-compose.yml from .env, except those that the file sets', async () => {
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
