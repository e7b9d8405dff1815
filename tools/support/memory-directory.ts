import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const MEMORY = '/dev/shm';
/** Containers have 64 MiB by default, which one database server would fill. */
const ENOUGH_BYTES = 2 * 1_024 ** 3;

/**
 * Directory for files that need not survive a power cut: in memory if this machine has enough of it, where a flush costs
 * nothing; otherwise on the disk.
 */
export function memoryDirectory(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ENOUGH_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}
