import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A page of `docs/`, by its path there without `.md`, such as `sync`. */
export interface Guide {
  readonly name: string;
  readonly title: string;
}

/** The build does not copy the guides: the import map of `package.json` finds them from any file. */
const folder = (): string => dirname(createRequire(import.meta.url).resolve('#docs/sync.md'));

/** The guides: the pages of `docs/` without the decisions, which the guides link to. */
export const listGuides = (): readonly Guide[] =>
  pagesIn('').map((name) => ({ name, title: titleOf(readGuide(name)) }));

/** The names of all pages that are served. */
export const guideNames = (): ReadonlySet<string> => new Set([...pagesIn(''), ...pagesIn('decisions/')]);

/** The Markdown of one of {@link guideNames}. */
export const readGuide = (name: string): string => readFileSync(join(folder(), `${name}.md`), 'utf8');

export const titleOf = (markdown: string): string => /^# (.+)$/m.exec(markdown)?.[1] ?? 'Hale';

const pagesIn = (directory: string): string[] =>
  readdirSync(join(folder(), directory))
    .filter((file) => file.endsWith('.md'))
    .map((file) => directory + file.slice(0, -'.md'.length))
    .toSorted();
