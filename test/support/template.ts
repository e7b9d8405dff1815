import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { loadConfig } from '../../src/config/config.js';
import { writerOf } from '../../src/platform/database/connect.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { schema } from '../../src/schema.js';
import { memoryDirectory } from '../../tools/support/memory-directory.js';

/** The template from which the databases of one run are copied. */
export interface Template {
  /** The directory of the SQLite files; empty on a server. */
  readonly directory: string;
  /** The prefix of the names of this run's databases on a server; empty on SQLite. */
  readonly prefix: string;
  /** A migrated SQLite file, or the statements that create a migrated schema in the current database. */
  readonly copy: string;
}

interface Made {
  readonly template: Template;
  /** Removes the template and all copies that still exist. */
  remove(): Promise<void>;
}

/** Migrates once per run, because migrating takes dozens of statements. Each test that needs a database gets a copy. */
export async function sqliteTemplate(): Promise<Made> {
  const directory = mkdtempSync(join(memoryDirectory(), 'hale-sqlite-'));
  const copy = join(directory, 'template.sqlite');
  await migrateAt(`sqlite:${copy}`);
  return {
    template: { directory, prefix: '', copy },
    remove: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

export async function schemaTemplate(server: string): Promise<Made> {
  const prefix = `hale_${randomBytes(4).toString('hex')}_`;
  const name = `${prefix}template`;
  const connection = await createConnection(server);
  await connection.query(`CREATE DATABASE ${name}`);
  await migrateAt(new URL(name, server).href);
  const copy = await copyStatements(server, name);
  await connection.end();
  return { template: { directory: '', prefix, copy }, remove: () => dropAll(server, prefix) };
}

async function migrateAt(url: string): Promise<void> {
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: url,
    JWT_SECRET: randomBytes(32).toString('hex'),
  });
  const source = await (await writerOf(config, schema)).initialize();
  await migrate(source);
  await source.destroy();
}

/** Copies each table by its own definition, because `CREATE TABLE … LIKE` leaves foreign keys out. */
async function copyStatements(server: string, name: string): Promise<string> {
  const connection = await createConnection(new URL(name, server).href);
  const [tables] = await connection.query<RowDataPacket[]>('SHOW TABLES');
  const [[defaults]] = await connection.query<RowDataPacket[]>(
    'SELECT @@character_set_database AS charset, @@collation_database AS collation',
  );
  // The first migration sets the collation. A table that is added later must have the collation of the tables it refers to.
  const statements: string[] = [
    `ALTER DATABASE CHARACTER SET ${defaults?.['charset']} COLLATE ${defaults?.['collation']}`,
    'SET SESSION foreign_key_checks = 0',
  ];
  for (const table of tables.map((row) => String(Object.values(row)[0]))) {
    const [[made]] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE \`${table}\``);
    const [[row]] = await connection.query<RowDataPacket[]>(`SELECT 1 AS found FROM \`${table}\` LIMIT 1`);
    statements.push(String(made?.['Create Table']));
    if (row) statements.push(`INSERT INTO \`${table}\` SELECT * FROM ${name}.\`${table}\``);
  }
  await connection.end();
  return statements.join(';\n');
}

async function dropAll(server: string, prefix: string): Promise<void> {
  const connection = await createConnection(server);
  const [databases] = await connection.query<RowDataPacket[]>('SHOW DATABASES');
  const left = databases
    .map((row) => String(Object.values(row)[0]))
    .filter((name) => name.startsWith(prefix));
  for (const name of left) await connection.query(`DROP DATABASE ${name}`);
  await connection.end();
}
