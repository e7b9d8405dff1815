import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOTS = import.meta.url.endsWith('.ts') ? ['../../dist/bundle/', '../../dist/'] : ['../../'];

/**
 * The path of a compiled file of the service. The tests, which a test runner loads from the source, get it from the bundle if
 * there is one (`tools/bundle.ts`); compiled tools get the file beside them.
 */
export function builtFile(path: string, roots: readonly string[] = ROOTS): string {
  const paths = roots.map((root) => fileURLToPath(new URL(root + path, import.meta.url)));
  const found = paths.find((candidate) => existsSync(candidate));
  if (!found) throw new Error('The service is not built: run `npm run build` first.');
  return found;
}

/** The same path in the build, not in the bundle. */
export const unbundledFile = (path: string): string => builtFile(path, ROOTS.slice(-1));
