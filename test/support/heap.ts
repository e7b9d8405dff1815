import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The bytes that the heap holds after a collection, so what is only waiting to be collected does not count. */
export function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

export const MIB = 1_048_576;
