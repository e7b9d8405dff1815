import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a database file that only its owner can read, in a directory that only its owner can enter, or takes the rights
 * of others from a file that exists. SQLite gives new `-wal` and `-shm` files the mode of the database; a process that was
 * killed may have left older ones. A directory that exists keeps its mode, because it may have other users.
 */
export function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  for (const one of [file, `${file}-wal`, `${file}-shm`]) restrict(one);
}

function restrict(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  // Only the owner may change a mode. Somebody else's file has the mode that they chose.
  if (stats && stats.uid === process.getuid?.() && (stats.mode & 0o077) !== 0) chmodSync(file, 0o600);
}
