import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';

interface Copy {
  readonly path: string;
  readonly text: string;
}
// It is no part of a package, so it has no types.
const generator = new URL('../../clients/typescript/generate-copies.mjs', import.meta.url).href;
const { copies } = (await import(generator)) as { copies(root: string): Copy[] };

describe('what the client computes as the service does', () => {
  it.each(copies('.').map(({ path, text }) => [path, text]))(
    '%s is a copy of the service’s file: `npm run generate --workspace @hale/client` writes it again',
    async (path, text) => {
      const formatted = await format(text, { ...(await resolveConfig(path)), filepath: path });
      expect(readFileSync(path, 'utf8')).toBe(formatted);
    },
  );
});
