import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { type FileHandle, link, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { HaleError } from '../problem.js';
import { type Changes, MemoryStorage } from './memory.js';
import { SortedMap } from './sorted-map.js';
import type { Value } from './storage.js';

/** The journal is compacted when it has this size, and this many times the size of its content. */
const COMPACT_BYTES = 1 << 20;
const COMPACT_FACTOR = 4;
const SNAPSHOT_KEYS = 500;

/** Two stores on one file would overwrite each other, also in one process. */
const opened = new Set<string>();

/**
 * Storage in a file, for Node: a journal with one line per transaction. A line that a crash cut off is ignored.
 */
export class FileStorage extends MemoryStorage {
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly path: string,
    map: SortedMap<Value>,
    private file: FileHandle,
    private size: number,
    private snapshotSize: number,
  ) {
    super(path, map);
  }

  static async open(path: string): Promise<FileStorage> {
    const full = resolve(path);
    await claim(full);
    try {
      const { map, size } = await readJournal(full);
      const file = await open(full, 'a', 0o600);
      await file.truncate(size);
      await file.sync();
      syncDirectory(full);
      return new FileStorage(full, map, file, size, size);
    } catch (error) {
      await release(full);
      throw error;
    }
  }

  /** Closes once: after that the lock may belong to another store. */
  override close(): Promise<void> {
    this.closing ??= super.close().then(async () => {
      await this.file.close();
      await release(this.path);
    });
    return this.closing;
  }

  protected override async keep(changes: Changes): Promise<void> {
    const line = `${JSON.stringify([...changes])}\n`;
    try {
      await this.file.appendFile(line);
      await this.file.datasync();
    } catch (error) {
      // Half a line in the middle would make the following lines unreadable.
      await this.file.truncate(this.size);
      throw error;
    }
    this.size += Buffer.byteLength(line);
    const isLong = this.size > COMPACT_BYTES && this.size > COMPACT_FACTOR * this.snapshotSize;
    // The line is durable; a journal that stays long is no reason to undo it.
    if (isLong) await this.compact().catch(() => undefined);
  }

  /** Writes the current content to a new file, and replaces the journal with it in one step. */
  private async compact(): Promise<void> {
    const draft = `${this.path}.new`;
    await rm(draft, { force: true });
    const entries = this.map.entries();
    const lines: string[] = [];
    for (let at = 0; at < entries.length; at += SNAPSHOT_KEYS)
      lines.push(`${JSON.stringify(entries.slice(at, at + SNAPSHOT_KEYS))}\n`);
    const text = lines.join('');
    const [old, file] = [this.file, await open(draft, 'a', 0o600)];
    try {
      await file.appendFile(text);
      await file.sync();
      await rename(draft, this.path);
    } catch (error) {
      await file.close();
      throw error;
    }
    this.file = file;
    this.size = this.snapshotSize = Buffer.byteLength(text);
    syncDirectory(this.path);
    await old.close();
  }
}

/** The content of the journal, and the length of its readable part. */
async function readJournal(path: string): Promise<{ map: SortedMap<Value>; size: number }> {
  const map = new SortedMap<Value>();
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const line of whole.split('\n')) {
    if (line === '') continue;
    for (const [key, value] of entriesOf(line, path))
      if (value === null) map.delete(key);
      else map.set(key, value);
  }
  return { map, size: Buffer.byteLength(whole) };
}

function entriesOf(line: string, path: string): [string, Value | null][] {
  try {
    return JSON.parse(line) as [string, Value | null][];
  } catch {
    throw new HaleError('damaged-store', `${path} is damaged`);
  }
}

/** A new file name is durable only after a sync of its directory. */
function syncDirectory(path: string): void {
  // Windows syncs directories by itself and cannot open them.
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(path), 'r');
  fsyncSync(directory);
  closeSync(directory);
}

/** @throws HaleError `store-in-use` while another running process uses it. */
async function claim(path: string): Promise<void> {
  if (opened.has(path)) throw new HaleError('store-in-use', `${path} is open already`);
  opened.add(path);
  // Written before it gets its name: an empty lock file would look like no owner.
  const own = `${path}.lock-${randomUUID()}`;
  try {
    await writeFile(own, `${process.pid}-${randomUUID()}`, { flag: 'wx', mode: 0o600 });
    await seize(`${path}.lock`, own);
  } catch (error) {
    opened.delete(path);
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * Takes a lock that is free or stale. Of all processes that find the same stale lock, only the holder of a second lock for it may
 * replace it; a later process finds another lock than the one it read.
 */
async function seize(lock: string, own: string): Promise<void> {
  while (!(await isLinked(own, lock))) {
    const holder = await readFile(lock, 'utf8').catch(ignoreAbsent);
    if (holder === undefined) continue;
    const pid = Number.parseInt(holder, 10);
    if (isAlive(pid)) throw new HaleError('store-in-use', `process ${pid} has ${lock}`);
    const right = `${lock}.${holder.replace(/[^\w-]/g, '')}`;
    await seize(right, own);
    if ((await readFile(lock, 'utf8').catch(ignoreAbsent)) === holder) return rename(right, lock);
    await rm(right, { force: true });
  }
}

/** Gives a file another name, unless a file with that name exists. */
const isLinked = (own: string, name: string): Promise<boolean> =>
  link(own, name).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** Whether another process with this id runs. */
function isAlive(pid: number): boolean {
  if (pid === process.pid || !(pid > 0)) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function release(path: string): Promise<void> {
  opened.delete(path);
  await rm(`${path}.lock`, { force: true });
}
