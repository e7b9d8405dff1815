import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

type Class = new () => object;

/** Every class that files of these names export, in the order of their paths. */
export async function classesIn(folder: string, name: RegExp): Promise<Class[]> {
  const root = fileURLToPath(new URL(folder, import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => name.test(file));
  const loaded = await Promise.all(files.toSorted().map((file) => load(join(root, file))));
  return loaded.flatMap((exports) => Object.values(exports).filter(isClass));
}

const load = (path: string) => import(pathToFileURL(path).href) as Promise<Record<string, unknown>>;

const isClass = (value: unknown): value is Class =>
  typeof value === 'function' && value.prototype !== undefined;
