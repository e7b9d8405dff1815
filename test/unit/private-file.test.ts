import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePrivate } from '../../src/platform/database/private-file.js';

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe.runIf(process.platform !== 'win32')('the files of the embedded database', () => {
  let directory: string;
  let umask: number;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hale-files-'));
    // The most generous one: files would get every right that the code does not refuse.
    umask = process.umask(0);
  });
  afterEach(() => {
    process.umask(umask);
    rmSync(directory, { recursive: true });
  });

  it('are readable by their owner only, also those that SQLite adds', () => {
    const file = join(directory, 'data', 'hale.sqlite');
    makePrivate(file);
    const database = new Sqlite(file);
    database.pragma('journal_mode = WAL');
    database.exec('CREATE TABLE t (v)');
    const modes = [file, `${file}-wal`, `${file}-shm`].map(modeOf);
    database.close();
    expect(modes).toEqual(['600', '600', '600']);
    expect(modeOf(join(directory, 'data'))).toBe('700');
  });

  it('lose the rights that others had, and keep their content', () => {
    const file = join(directory, 'hale.sqlite');
    for (const one of [file, `${file}-wal`, `${file}-shm`]) writeFileSync(one, 'content', { mode: 0o644 });
    chmodSync(directory, 0o755);
    makePrivate(file);
    expect([file, `${file}-wal`, `${file}-shm`].map(modeOf)).toEqual(['600', '600', '600']);
    expect(statSync(file).size).toBe('content'.length);
    expect(modeOf(directory)).toBe('755');
  });
});
