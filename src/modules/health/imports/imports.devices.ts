import type { ImportedChange } from './import-step.entity.js';

/*
 * The devices of the edits that imports make. What another device edits afterwards is the person's own, and what another import
 * writes afterwards belongs to that import.
 */

/** The device of edits of an import that is not known, or no longer. */
export const ANY_IMPORT = 'import/';

/** No client can have a name with a slash. */
const PREFIX = 'import/';

export const deviceOf = (importId: string): string => `${PREFIX}${importId}`;

export const isOfImport = (device: string): boolean => device.startsWith(PREFIX);

/** The id of the import whose device it is. */
export const importOf = (device: string): string => device.slice(PREFIX.length);

/** The device of the import that wrote what was there before. Null for what was the person's own. */
export function writerOf([, , , , writer]: ImportedChange): string | null {
  return typeof writer === 'boolean' ? (writer ? null : ANY_IMPORT) : writer;
}
