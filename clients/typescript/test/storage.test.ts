import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { forceCloseDatabase } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { unwrap } from 'idb';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { type AsyncStorageLike, PhoneStorage } from '../src/storage/async-storage.js';
import { FileStorage } from '../src/storage/file.js';
import { IndexedDbStorage } from '../src/storage/indexed-db.js';
import { MemoryStorage } from '../src/storage/memory.js';
import type { Storage } from '../src/storage/storage.js';

const directory = await mkdtemp(join(tmpdir(), 'hale-storage-'));
afterAll(() => rm(directory, { recursive: true }));

/** Opens a store on request and keeps it open. */
const RACER = `
  import { PhoneStorage } from '../src/storage/async-storage.js';
import { FileStorage } from './clients/typescript/src/storage/file.ts';
  const kept = [];
  const keep = (storage) => kept.push(storage) && 'opened';
  process.on('message', async (path) => {
    const answer = await FileStorage.open(path).then(keep, ({ code }) => code);
    process.send(answer);
  });
  process.send('ready');`;

let count = 0;
const freshPath = (): string => join(directory, `store-${(count += 1)}`);

/** The interface of AsyncStorage, in memory. A write can fail, or be the last thing the app did. */
class AsyncMemory {
  readonly values = new Map<string, string>();
  /** How many more single writes succeed. */
  left = Infinity;

  async getItem(key: string): Promise<string | null> {
    return this.values.get(key) ?? null;
  }

  async setItem(key: string, value: string): Promise<void> {
    this.step();
    this.values.set(key, value);
  }

  async removeItem(key: string): Promise<void> {
    this.step();
    this.values.delete(key);
  }

  async getAllKeys(): Promise<string[]> {
    return [...this.values.keys()];
  }

  async multiGet(keys: string[]): Promise<[string, string | null][]> {
    return keys.map((key) => [key, this.values.get(key) ?? null]);
  }

  /** Not in one transaction, as on some phones. */
  async multiSet(pairs: [string, string][]): Promise<void> {
    for (const [key, value] of pairs) await this.setItem(key, value);
  }

  async multiRemove(keys: string[]): Promise<void> {
    for (const key of keys) await this.removeItem(key);
  }

  private step(): void {
    if (this.left === 0) throw new Error('killed');
    this.left -= 1;
  }
}

/** The same values after the app was started again, when no store is open. */
const restarted = (memory: AsyncMemory): AsyncStorageLike => new Proxy(memory, {});

const few = (store: AsyncMemory) => ({
  getItem: (key: string) => store.getItem(key),
  setItem: (key: string, value: string) => store.setItem(key, value),
  removeItem: (key: string) => store.removeItem(key),
  getAllKeys: () => store.getAllKeys(),
});

const adapters: [string, () => Promise<Storage>][] = [
  ['memory', async () => new MemoryStorage()],
  ['IndexedDB', () => IndexedDbStorage.open(`store-${(count += 1)}`)],
  ['file', () => FileStorage.open(freshPath())],
  ['AsyncStorage', () => PhoneStorage.open(new AsyncMemory())],
  ['AsyncStorage without its functions for many', () => PhoneStorage.open(few(new AsyncMemory()))],
];

const list = (storage: Storage, prefix: string, limit?: number): Promise<object[]> =>
  storage.transact((transaction) => transaction.list(prefix, limit));

describe.each(adapters)('a store in %s', (_, open) => {
  it('keeps values, and lists them in the order of their keys', async () => {
    const storage = await open();
    await storage.transact(async (transaction) => {
      await transaction.put('b/2', { at: 2 });
      await transaction.put('b/1', { at: 1, text: 'ü', none: null });
      await transaction.put('a', { at: 0 });
      await transaction.put('c', { at: 3 });
    });
    expect(await list(storage, 'b/')).toEqual([{ at: 1, text: 'ü', none: null }, { at: 2 }]);
    expect(await list(storage, 'b/', 1)).toHaveLength(1);
    expect(await list(storage, '')).toHaveLength(4);
    await storage.transact(async (transaction) => {
      expect(await transaction.count('b/')).toBe(2);
      await transaction.delete('b/1');
      expect(await transaction.get('b/1')).toBeUndefined();
      await transaction.clear('b');
      await transaction.put('b', { again: true });
    });
    expect(await list(storage, 'b')).toEqual([{ again: true }]);
    await storage.close();
  });

  it('rolls back a transaction that throws', async () => {
    const storage = await open();
    await storage.transact((transaction) => transaction.put('kept', { at: 1 }));
    const failing = storage.transact(async (transaction) => {
      await transaction.put('kept', { at: 2 });
      await transaction.put('new', { at: 2 });
      await transaction.clear('k');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await list(storage, '')).toEqual([{ at: 1 }]);
    await storage.close();
  });

  it('runs transactions one after the other', async () => {
    const storage = await open();
    const add = (): Promise<void> =>
      storage.transact(async (transaction) => {
        const { n } = (await transaction.get<{ n: number }>('n')) ?? { n: 0 };
        await transaction.put('n', { n: n + 1 });
      });
    await Promise.all(Array.from({ length: 50 }, add));
    expect(await list(storage, 'n')).toEqual([{ n: 50 }]);
    await storage.close();
  });

  it('does not change when the app changes an object that it stored', async () => {
    const storage = await open();
    const value = { items: [1] };
    await storage.transact((transaction) => transaction.put('v', value));
    value.items.push(2);
    expect(await list(storage, 'v')).toEqual([{ items: [1] }]);
    await storage.close();
  });
});

describe('a store in AsyncStorage', () => {
  const put = (storage: Storage, values: object) =>
    storage.transact(async (transaction) => {
      for (const [key, value] of Object.entries(values))
        if (value === null) await transaction.delete(key);
        else await transaction.put(key, { value });
    });
  const all = async (memory: AsyncMemory) => list(await PhoneStorage.open(restarted(memory)), '');

  it('has after a restart what it had before, in its own keys', async () => {
    const memory = new AsyncMemory();
    memory.values.set('of the app', 'untouched');
    await put(await PhoneStorage.open(memory, 'one'), { a: 1, b: 2 });
    await put(await PhoneStorage.open(memory, 'other'), { a: 3 });
    const next = restarted(memory);
    expect(await list(await PhoneStorage.open(next, 'one'), '')).toEqual([{ value: 1 }, { value: 2 }]);
    expect(await list(await PhoneStorage.open(next, 'other'), '')).toEqual([{ value: 3 }]);
    expect(memory.values.get('of the app')).toBe('untouched');
  });

  it('is one store however often it is opened, so that no edit overwrites another', async () => {
    const memory = new AsyncMemory();
    const opening = [PhoneStorage.open(memory), PhoneStorage.open(memory)];
    const stores = [...(await Promise.all(opening)), await PhoneStorage.open(memory)];
    for (const storage of stores)
      await storage.transact(async (transaction) => {
        const { n = 0 } = (await transaction.get<{ n: number }>('edits')) ?? {};
        await transaction.put('edits', { n: n + 1 });
      });
    expect(await all(memory)).toEqual([{ n: 3 }]);
  });

  it('that cannot be read is opened by the next call', async () => {
    const memory = new AsyncMemory();
    const read = vi.spyOn(memory, 'getAllKeys').mockRejectedValueOnce(new Error('locked'));
    await expect(PhoneStorage.open(memory)).rejects.toThrow('locked');
    expect(await list(await PhoneStorage.open(memory), '')).toEqual([]);
    read.mockRestore();
  });

  it.each([
    ['at every write', (memory: AsyncMemory) => memory],
    ['at every write, one key at a time', few],
  ])('is killed %s: the transaction took effect completely or not at all', async (_, shape) => {
    const [before, after] = [
      [{ value: 1 }, { value: 2 }, { value: 'x'.repeat(1_200_000) }],
      [{ value: 10 }, { value: 'y'.repeat(1_200_000) }, { value: 3 }],
    ];
    const outcomes = new Set<string>();
    for (let writes = 0; ; writes += 1) {
      const memory = new AsyncMemory();
      const storage = await PhoneStorage.open(shape(memory));
      await put(storage, { a: 1, b: 2, c: 'x'.repeat(1_200_000) });
      memory.left = writes;
      const isDone = await put(storage, { a: 10, b: null, c: 'y'.repeat(1_200_000), d: 3 }).then(
        () => true,
        () => false,
      );
      expect(await list(storage, '')).toEqual(isDone ? after : before);
      const isOver = memory.left > 0;
      memory.left = Infinity;
      // The app starts again, or goes on.
      expect(await all(memory)).toEqual(isDone ? after : before);
      await put(storage, { a: 11 });
      expect((await all(memory))[0]).toEqual({ value: 11 });
      outcomes.add(`${isDone} ${isOver}`);
      if (isOver) break;
    }
    // Before the commit, after it, and not at all.
    expect([...outcomes]).toEqual(['false false', 'true false', 'true true']);
  });

  it('keeps no copy of a value that was removed, not even after a crash', async () => {
    const copies = (memory: AsyncMemory) =>
      [...memory.values.values()].filter((text) => text.includes('secret'));
    for (let writes = 0; ; writes += 1) {
      const memory = new AsyncMemory();
      const storage = await PhoneStorage.open(memory);
      memory.left = writes;
      const secrets = { a: 'secret', b: 'secret '.repeat(200_000) };
      await put(storage, secrets).catch(() => undefined);
      const isOver = memory.left > 0;
      memory.left = Infinity;
      // The app goes on, or starts again.
      await put(isOver ? storage : await PhoneStorage.open(restarted(memory)), { a: null, b: null });
      expect(copies(memory)).toEqual([]);
      if (isOver) break;
    }
  });

  it('writes no value longer than Android reads, except those of the app', async () => {
    const memory = new AsyncMemory();
    const sizes: number[] = [];
    const { setItem } = memory;
    memory.setItem = async (key, value) => {
      if (key.includes('!journal')) sizes.push(value.length);
      return setItem.call(memory, key, value);
    };
    const storage = await PhoneStorage.open(memory);
    await put(
      storage,
      Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, 'z'.repeat(9_000)])),
    );
    expect(sizes.length).toBeGreaterThan(5);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500_000);
    expect(await all(memory)).toHaveLength(300);
  });
});

describe('a store in IndexedDB', () => {
  it('is opened again after the browser closed it', async () => {
    const storage = await IndexedDbStorage.open(`store-${(count += 1)}`);
    await storage.transact((transaction) => transaction.put('a', { n: 1 }));
    const database = async () => unwrap(await (storage as any).connection);
    forceCloseDatabase(await database());
    await new Promise((resolve) => setImmediate(resolve));
    expect(await list(storage, 'a')).toEqual([{ n: 1 }]);
    // Without an event, as some browsers do after the page slept.
    (await database()).close();
    await storage.transact((transaction) => transaction.put('a', { n: 2 }));
    expect(await list(storage, 'a')).toEqual([{ n: 2 }]);
    await storage.close();
    await expect(list(storage, 'a')).rejects.toThrow('closed');
  });

  it('is opened again only once when many calls find it closed', async () => {
    const storage = await IndexedDbStorage.open(`store-${(count += 1)}`);
    unwrap(await (storage as any).connection).close();
    const opening = vi.spyOn((globalThis as any).indexedDB, 'open');
    try {
      await Promise.all(['a', 'b', 'c'].map((key) => storage.transact((each) => each.put(key, { n: 1 }))));
      expect(opening).toHaveBeenCalledOnce();
      expect(await list(storage, '')).toHaveLength(3);
    } finally {
      opening.mockRestore();
      await storage.close();
    }
  });
});

describe('a store in a file', () => {
  const opened: FileStorage[] = [];
  const open = async (path: string): Promise<FileStorage> => {
    const storage = await FileStorage.open(path);
    opened.push(storage);
    return storage;
  };
  afterEach(async () => {
    for (const storage of opened.splice(0)) await storage.close().catch(() => undefined);
  });
  const put = (storage: Storage, key: string, value: object): Promise<void> =>
    storage.transact((transaction) => transaction.put(key, value));

  it('is readable after a restart, and only by the user who owns the file', async () => {
    const path = freshPath();
    const first = await open(path);
    await put(first, 'a', { n: 1 });
    await put(first, 'b', { n: 2 });
    await first.transact((transaction) => transaction.delete('a'));
    await first.close();
    expect(await list(await open(path), '')).toEqual([{ n: 2 }]);
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  it('a crash at any byte of the last line loses only that line', async () => {
    const path = freshPath();
    const first = await open(path);
    await put(first, 'a', { n: 1 });
    const { length } = await readFile(path);
    await put(first, 'b', { text: 'größer' });
    const whole = await readFile(path);
    for (let end = length; end < whole.length; end += 1) {
      const torn = freshPath();
      await writeFile(torn, whole.subarray(0, end));
      const storage = await open(torn);
      expect(await list(storage, '')).toEqual([{ n: 1 }]);
      await put(storage, 'c', { n: 3 });
      await storage.close();
      expect(await list(await open(torn), '')).toEqual([{ n: 1 }, { n: 3 }]);
    }
  });

  it('reports damage and discards nothing', async () => {
    const path = freshPath();
    await writeFile(path, '[["a",{"n":1}]]\n[["b"\n[["c",{"n":3}]]\n');
    await expect(FileStorage.open(path)).rejects.toMatchObject({ code: 'damaged-store' });
  });

  it('can be opened only once at a time', async () => {
    const path = freshPath();
    const first = await open(path);
    await expect(FileStorage.open(path)).rejects.toMatchObject({ code: 'store-in-use' });
    await first.close();
    await writeFile(`${path}.lock`, String(process.ppid));
    await expect(FileStorage.open(path)).rejects.toMatchObject({ code: 'store-in-use' });
    // The process that held it has ended.
    await writeFile(`${path}.lock`, '4194304');
    await open(path);
  });

  it('a second close does not close it for the next user', async () => {
    const path = freshPath();
    const first = await open(path);
    await first.close();
    await open(path);
    await first.close();
    await expect(FileStorage.open(path)).rejects.toMatchObject({ code: 'store-in-use' });
  });

  it(
    'one of two processes that find a stale lock at the same time gets it',
    { timeout: 20_000 },
    async () => {
      const { outputFiles } = await build({
        stdin: { contents: RACER, resolveDir: process.cwd(), loader: 'ts' },
        bundle: true,
        write: false,
        format: 'esm',
        platform: 'node',
      });
      const script = `${freshPath()}.mjs`;
      await writeFile(script, outputFiles[0]?.text ?? '');
      const racers = [0, 1].map(() => fork(script));
      const hear = async (): Promise<unknown[]> => {
        const answers = await Promise.all(racers.map((racer) => once(racer, 'message')));
        return answers.map(([answer]) => answer as unknown);
      };
      try {
        await hear();
        for (let round = 0; round < 40; round += 1) {
          const path = freshPath();
          await writeFile(`${path}.lock`, '4194304');
          // A lock of a process that died while it replaced another lock.
          if (round % 2 === 1) await writeFile(`${path}.lock.4194304`, '4194305-x');
          const heard = hear();
          for (const racer of racers) racer.send(path);
          expect((await heard).toSorted()).toEqual(['opened', 'store-in-use']);
        }
        const left = (await readdir(directory)).filter((name) => /\.lock[.-]/.test(name));
        expect(left).toEqual([]);
      } finally {
        for (const racer of racers) racer.kill();
      }
    },
  );

  it('is compacted, and ignores the temporary file that a crash left', async () => {
    const path = freshPath();
    const storage = await open(path);
    await writeFile(`${path}.new`, 'left by a crash');
    const text = 'x'.repeat(100_000);
    for (let n = 0; n < 40; n += 1) await put(storage, 'same', { n, text });
    await put(storage, 'last', { n: 1 });
    await storage.close();
    expect((await stat(path)).size).toBeLessThan(1.5 * 2 ** 20);
    expect(await list(await open(path), '')).toEqual([{ n: 1 }, { n: 39, text }]);
    await appendFile(path, '');
  });
});
