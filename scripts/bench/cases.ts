import type { Case } from './measure.js';
import { newWeight, outbox, type Person } from './people.js';
import { type SyncCast, syncCases } from './sync-cases.js';

/** The people of a run; those who write are not those whose reads are measured. */
export interface Cast {
  /** Has a thousand weights, and gets no more. */
  readonly reader: Person;
  /** Takes all creations of the case with one person. */
  readonly hot: Person;
  /** Fifty who take turns. */
  readonly crowd: readonly Person[];
  /** Their weights came by push, and more come: their lists grow, and nobody reads them. */
  readonly pushers: readonly Person[];
  /** The ETag of the reader's newest state. */
  readonly tag: string;
  readonly sync: SyncCast;
}

/** Which part of the API is measured. */
export const SUBJECTS = ['weight', 'sync'] as const;
export type Subject = (typeof SUBJECTS)[number];

/** Clients that wait for an answer before they ask again: as many as the service has connections to the database. */
const USUAL_CLIENTS = 10;
const PUSHING_CLIENTS = 8;
const PULLING_CLIENTS = 2;
export const CROWD = 50;
export const PUSHERS = PUSHING_CLIENTS;

const single = { unit: 'requests', size: 1 } as const;

export function casesOf(subject: Subject, serviceUrl: string, bareUrl: string, cast: Cast): Case[] {
  if (subject === 'sync') return syncCases(serviceUrl, cast.sync);
  const weights = `${serviceUrl}/api/health-metrics/weight`;
  return [
    listing(weights, bareUrl, cast),
    creating('create, one person', USUAL_CLIENTS, weights, bareUrl, [cast.hot]),
    creating(`create, ${CROWD} people`, CROWD, weights, bareUrl, cast.crowd),
    pushing(weights, cast),
    pulling(weights, cast),
    askingInVain(weights, cast),
  ];
}

const listing = (weights: string, bareUrl: string, { reader }: Cast): Case => ({
  name: 'list 100 of 1 000 weights',
  clients: USUAL_CLIENTS,
  ...single,
  service: { url: `${weights}?limit=100`, method: 'GET', status: 200, headers: () => headersOf(reader) },
  bare: { url: `${bareUrl}/?limit=100`, method: 'GET', status: 200, headers: () => bareHeaders(reader) },
  targets: [{ of: 'ratio', atLeast: 0.9 }],
});

const creating = (
  name: string,
  clients: number,
  weights: string,
  bareUrl: string,
  people: readonly Person[],
): Case => ({
  name,
  clients,
  ...single,
  service: {
    url: weights,
    method: 'POST',
    status: 201,
    headers: (client) => headersOf(oneOf(people, client)),
    body: () => JSON.stringify(newWeight()),
  },
  bare: {
    url: `${bareUrl}/`,
    method: 'POST',
    status: 201,
    headers: (client) => bareHeaders(oneOf(people, client)),
    body: () => JSON.stringify(newWeight()),
  },
  targets: [{ of: 'ratio', atLeast: 0.5 }],
});

const pushing = (weights: string, { pushers }: Cast): Case => ({
  name: 'push 100',
  clients: PUSHING_CLIENTS,
  unit: 'items',
  size: 100,
  service: {
    url: `${weights}/sync`,
    method: 'POST',
    status: 200,
    headers: (client) => headersOf(oneOf(pushers, client)),
    body: () => JSON.stringify(outbox()),
  },
  targets: [
    { of: 'perSecond', atLeast: 10_000 },
    { of: 'p95', below: 100 },
  ],
});

const pulling = (weights: string, { reader }: Cast): Case => ({
  name: 'pull 500 of 1 000 changes',
  clients: PULLING_CLIENTS,
  ...single,
  service: { url: `${weights}/sync?limit=500`, method: 'GET', status: 200, headers: () => headersOf(reader) },
  targets: [{ of: 'p95', below: 25 }],
});

const askingInVain = (weights: string, { reader, tag }: Cast): Case => ({
  name: 'pull, nothing new (304)',
  clients: USUAL_CLIENTS,
  ...single,
  service: {
    url: `${weights}/sync?limit=500`,
    method: 'GET',
    status: 304,
    headers: () => ({ ...headersOf(reader), 'if-none-match': tag }),
  },
  targets: [{ of: 'perSecond', atLeast: 3_000 }],
});

/** The person a client speaks for: they take turns. */
function oneOf(people: readonly Person[], client: number): Person {
  const person = people[client % people.length];
  if (!person) throw new Error('Nobody takes part');
  return person;
}

const headersOf = ({ headers }: Person): Record<string, string> => ({ ...headers });
const bareHeaders = ({ userId }: Person): Record<string, string> => ({ 'x-user-id': userId });
