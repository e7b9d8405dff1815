import { Injectable } from '@nestjs/common';

const SECOND = 1_000;

/** The intervals of pokes. Tests use shorter ones. */
@Injectable()
export class PokesPolicy {
  /** After a poke the next one to the same person waits this long, and tells of all changes until then. */
  readonly coalesceMs: number = 100;
  /** Heads are compared this often: a poke can be lost, and without Redis other instances are not heard. */
  readonly pollMs: { readonly alone: number; readonly withRedis: number } = {
    alone: SECOND,
    withRedis: 15 * SECOND,
  };
  /** How often it is looked whether that time is over. */
  readonly pollTickMs: number = SECOND;
}
