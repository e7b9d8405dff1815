import { join } from 'node:path';

/** The path of public data that lies beside the repository and is no part of it. Tests that need it are skipped where it is missing. */
export const realData = (name: string): string => join(import.meta.dirname, '../../../shared/data', name);
