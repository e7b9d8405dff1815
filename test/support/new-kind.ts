import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PAGE = readFileSync('docs/new-kind.md', 'utf8');

/** The number of the page's migration is replaced, because a later migration of the product may have the same number. */
const NUMBER = /\b17\d{11}/;
const LAST = '1999999999999';

const isMigration = (path: string): boolean => path.startsWith('migrations/');

/** The files that `docs/new-kind.md` shows: their contents by path. */
export const NEW_KIND: Readonly<Record<string, string>> = Object.fromEntries(
  [...PAGE.matchAll(/^`([\w./-]+)`:\n\n```ts\n([\s\S]*?)^```$/gm)].map(([, path = '', text = '']) =>
    isMigration(path)
      ? [path.replace(NUMBER, LAST), text.replace(/(class \w+?)17\d{11}/, `$1${LAST}`)]
      : [path, text],
  ),
);

/** The module of the area: the only existing file that a new kind changes. */
export const AREA = 'src/modules/health/health.module.ts';

/** Does what the page says in a copy of the repository. */
export function addKind(root: string): void {
  for (const [path, text] of Object.entries(NEW_KIND)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const area = join(root, AREA);
  const text = readFileSync(area, 'utf8');
  writeFileSync(
    area,
    `import { BloodDonationsModule } from './blood-donations/blood-donations.module.js';\n${text.replace('imports: [', 'imports: [BloodDonationsModule, ')}`,
  );
}
