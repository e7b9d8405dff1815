import { applyChange } from './apply.js';
import { beginBootstrap, finishBootstrap } from './bootstrap.js';
import { CONFLICT } from './kinds.js';
import type { Runtime } from './runtime.js';
import type { Meta, UserStore } from './store.js';
import type { PullAnswer, PullQuery } from './wire.js';

type Source = Pick<Runtime, 'now' | 'bytes'>;

const PAGE = 500;

/** A request names its kinds. */
export type PageQuery = PullQuery & { readonly kinds: string };

/**
 * The next request; without a cursor it is the first page of a bootstrap. After a restore of the server it names all kinds of which
 * there are records here, also those that only another version of the app shows: what the server lost of them must be found.
 * @param isKnown whether the server has the kind: a request that names an unknown one fails.
 */
export async function nextPage(
  store: UserStore,
  runtime: Source,
  { kinds, isKnown }: { readonly kinds: readonly string[]; readonly isKnown: (kind: string) => boolean },
): Promise<PageQuery> {
  let meta = await store.meta();
  if (meta.cursor === undefined && !meta.boot) meta = await beginBootstrap(store, runtime, 'first');
  const left = meta.reset ? (await store.leftKinds()).filter(isKnown) : [];
  return {
    ...(meta.cursor !== undefined && { cursor: meta.cursor }),
    // With data but no cursor, the server needs the epoch to recognise whether the data is from its own history.
    ...(meta.cursor === undefined && meta.epoch !== undefined && { epoch: meta.epoch }),
    limit: PAGE,
    kinds: [...kinds, ...left, CONFLICT].join(','),
  };
}

export interface Applied {
  readonly meta: Meta;
  readonly changed: number;
  /** Another tab was faster: the page changes nothing. */
  readonly isStale: boolean;
}

/** Stores a page in one transaction: changes, cursor, and at the end of a bootstrap the removal of records that did not arrive. */
export async function applyPage(
  store: UserStore,
  runtime: Source,
  { query, page }: { readonly query: PageQuery; readonly page: PullAnswer },
): Promise<Applied> {
  const before = await store.meta();
  const isForeign = before.cursor !== undefined && before.epoch !== page.epoch;
  if (before.cursor !== query.cursor || isForeign) return { meta: before, changed: 0, isStale: true };
  const context = {
    epoch: page.epoch,
    ...(before.reset && { reset: before.reset }),
    ...(before.boot && { seen: before.boot.id }),
  };
  let changed = 0;
  for (const change of page.changes) changed += Number(await applyChange(store, runtime, change, context));
  const meta = await store.update({
    epoch: page.epoch,
    cursor: page.cursor,
    seq: page.seq,
    ...(!page.has_more && { last_pulled_at: runtime.now() }),
  });
  if (!page.has_more && before.boot)
    await finishBootstrap(store, runtime, meta, { kinds: query.kinds.split(','), seq: page.seq });
  return { meta, changed, isStale: false };
}
