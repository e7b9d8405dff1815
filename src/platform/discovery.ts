import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

type Class = new () => object;

const SOURCES = new URL('../', import.meta.url);

/** Loads all files whose names match, in the order of their paths. @param folder relative to `src`. */
export async function load(folder: string, name: RegExp): Promise<Readonly<Record<string, unknown>>[]> {
  const root = fileURLToPath(new URL(folder, SOURCES));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => name.test(file));
  return Promise.all(files.toSorted().map((file) => loadFile(join(root, file))));
}

/** All classes that the files with matching names export. */
export async function classesIn(folder: string, name: RegExp): Promise<Class[]> {
  return (await load(folder, name)).flatMap((exports) => Object.values(exports).filter(isClass));
}

const loadFile = (path: string) => import(pathToFileURL(path).href) as Promise<Record<string, unknown>>;

const isClass = (value: unknown): value is Class =>
  typeof value === 'function' && value.prototype !== undefined;
