import { createContext, createElement, useContext, useMemo, useSyncExternalStore } from 'react';
import type { Conflict } from './conflicts.js';
import type { Hale } from './hale.js';
import type { Kind, Kinds } from './kinds.generated.js';
import type { Loaded } from './live.js';
import type { Item, QueryOf } from './records.js';
import type { Observable } from './signal.js';
import type { Status } from './status.js';

const Context = createContext<Hale | undefined>(undefined);

interface Provided<K extends Kind> {
  readonly client: Hale<K>;
  readonly children?: unknown;
}

/** Gives the client to the hooks below it. Its type is null because every version of React's types takes that for an element. */
export const HaleProvider = <K extends Kind>({ client, children }: Provided<K>): null =>
  createElement(Context.Provider, { value: client }, children) as null;

/** The client of the nearest provider. @throws Error if there is none. */
export function useHale(): Hale {
  const client = useContext(Context);
  if (!client) throw new Error('useHale needs a <HaleProvider client={…}> above it');
  return client;
}

/** The records of a kind, also without a connection; read again whenever they change. `data` is absent at first. */
export function useRecords<K extends Kind>(
  kind: K,
  query?: QueryOf<K>,
): Loaded<Item<Kinds[K]['fields'], Kinds[K]['data']>[]> {
  const client = useHale();
  // A query is usually written in place, and is then another object at every rendering.
  const text = JSON.stringify(query ?? null);
  const observed = useMemo(() => client.records(kind).observe(query), [client, kind, text]);
  return useObserved(observed);
}

/** The status of sync. */
export const useStatus = (): Status => useObserved(useHale().status);

/** The open conflicts. */
export function useConflicts(): Loaded<Conflict[]> {
  const client = useHale();
  return useObserved(useMemo(() => client.conflicts.observe(), [client]));
}

/** The value of something that is observed; the same on the server, where nothing is loaded. */
const useObserved = <T>({ subscribe, get }: Observable<T>): T => useSyncExternalStore(subscribe, get, get);
