import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Case } from './measure.js';
import { bareHeaders, newWeight, type Person } from './people.js';

/** A person who syncs, and the epoch of their records. */
interface Syncer extends Person {
  readonly epoch: string;
}

export interface SyncCast {
  readonly pushers: readonly Syncer[];
  readonly reader: Person;
  /** The cursor at which the reader is up to date, and its ETag. */
  readonly cursor: string;
  readonly tag: string;
}

const PUSHING_CLIENTS = 8;
const SINGLE_CLIENTS = 16;
const PULLING_CLIENTS = 2;
const ASKING_CLIENTS = 10;

export async function syncCast(url: string, reader: Person, pushers: readonly Person[]): Promise<SyncCast> {
  const pull = async (query: string) =>
    fetch(`${url}/api/sync/pull?kinds=meal,weight&limit=1000${query}`, { headers: reader.headers });
  const { cursor } = (await (await pull('')).json()) as { cursor: string };
  const tag = (await pull(`&cursor=${cursor}`)).headers.get('etag') ?? '';
  const ready = pushers.map(async (person) => {
    const status = await fetch(`${url}/api/sync/status`, { headers: person.headers });
    return { ...person, epoch: ((await status.json()) as { epoch: string }).epoch };
  });
  return { reader, cursor, tag, pushers: await Promise.all(ready) };
}

export function syncCases(serviceUrl: string, bareUrl: string, cast: SyncCast): Case[] {
  const sync = `${serviceUrl}/api/sync`;
  return [
    pushing('push 1', SINGLE_CLIENTS, 1, sync, bareUrl, cast),
    pushing('push 100', PUSHING_CLIENTS, 100, sync, bareUrl, cast),
    pulling(sync, bareUrl, cast),
    askingInVain(sync, bareUrl, cast),
  ];
}

const pulling = (sync: string, bareUrl: string, cast: SyncCast): Case => ({
  name: 'pull 500 of 1 000 changes',
  clients: PULLING_CLIENTS,
  unit: 'requests',
  size: 1,
  service: {
    url: `${sync}/pull?limit=500`,
    method: 'GET',
    status: 200,
    headers: () => ({ ...cast.reader.headers }),
  },
  bare: {
    url: `${bareUrl}/pull?limit=500`,
    method: 'GET',
    status: 200,
    headers: () => bareHeaders(cast.reader),
  },
  targets: [
    { of: 'ratio', atLeast: 0.8 },
    { of: 'p95', below: 25 },
  ],
});

const askingInVain = (sync: string, bareUrl: string, cast: SyncCast): Case => ({
  name: 'pull, nothing new (304)',
  clients: ASKING_CLIENTS,
  unit: 'requests',
  size: 1,
  service: {
    url: `${sync}/pull?kinds=meal,weight&limit=1000&cursor=${cast.cursor}`,
    method: 'GET',
    status: 304,
    headers: () => ({ ...cast.reader.headers, 'if-none-match': cast.tag }),
  },
  bare: { url: `${bareUrl}/head`, method: 'GET', status: 304, headers: () => bareHeaders(cast.reader) },
  targets: [{ of: 'ratio', atLeast: 0.4 }],
});

const pushing = (
  name: string,
  clients: number,
  size: number,
  sync: string,
  bareUrl: string,
  { pushers }: SyncCast,
): Case => ({
  name,
  clients,
  unit: 'items',
  size,
  service: {
    url: `${sync}/push`,
    method: 'POST',
    status: 200,
    headers: (client) => ({ ...syncer(pushers, client).headers }),
    body: (client) => JSON.stringify(push(syncer(pushers, client), client, size)),
  },
  bare: {
    url: `${bareUrl}/push`,
    method: 'POST',
    status: 200,
    headers: (client) => bareHeaders(syncer(pushers, client)),
    body: (client) => JSON.stringify(push(syncer(pushers, client), client, size)),
  },
  targets:
    size === 1
      ? [{ of: 'p95', below: 40 }]
      : [
          { of: 'ratio', atLeast: 0.6 },
          { of: 'p95', below: 100 },
        ],
});

function syncer(pushers: readonly Syncer[], client: number): Syncer {
  const person = pushers[client % pushers.length];
  if (!person) throw new Error('There is no person to measure');
  return person;
}

/** One counter for all clients: gaps are allowed. */
let sent = 0;

const push = ({ epoch }: Syncer, client: number, size: number) => ({
  client_id: `phone-${client}`,
  epoch,
  mutations: Array.from({ length: size }, () => ({
    mutation_id: randomUUID(),
    client_seq: ++sent,
    kind: 'weight',
    id: uuidv7(),
    op: 'create',
    modified_at: new Date().toISOString(),
    fields: newWeight(),
  })),
});
