import type { Case } from './measure.js';
import { fhirCases, healthCases } from './health-cases.js';
import { bareHeaders, newWeight, outbox, type Person } from './people.js';
import { type SyncCast, syncCases } from './sync-cases.js';

/** The people of a run. The people who write are not those whose reads are measured. */
export interface Cast {
  /** Has a thousand weights, and gets no more during the run. */
  readonly reader: Person;
  /** Receives all creations of the case with one person. */
  readonly hot: Person;
  /** Fifty people who are used in turn. */
  readonly crowd: readonly Person[];
  /** Their weights come by push. Their lists grow, and nobody reads them. */
  readonly pushers: readonly Person[];
  /** The ETag of the reader's newest state. */
  readonly tag: string;
  readonly sync: SyncCast;
  /** Has steps of ten years; undefined unless health or FHIR is measured. */
  readonly walker: Person | undefined;
}

/**
 * What is measured: the API of weights, sync, of both what is sent most often, sums of health metrics, pages of FHIR,
 * the search for foods, or how long one person waits for another. The last begins new epochs, so it comes after the others.
 */
export const SUBJECTS = ['weight', 'sync', 'hot', 'health', 'fhir', 'foods', 'fairness'] as const;
export type Subject = (typeof SUBJECTS)[number];
export const USUAL_SUBJECTS: readonly Subject[] = ['weight', 'sync'];

/** Concurrent clients, each waiting for its answer: as many as the service has database connections. */
const USUAL_CLIENTS = 10;
const PUSHING_CLIENTS = 8;
const PULLING_CLIENTS = 2;
export const CROWD = 50;
export const PUSHERS = PUSHING_CLIENTS;

const single = { unit: 'requests', size: 1 } as const;

export function casesOf(subject: Subject, serviceUrl: string, bareUrl: string, cast: Cast): Case[] {
  if (subject === 'fairness' || subject === 'foods') return [];
  if (subject === 'health') return healthCases(serviceUrl, bareUrl, cast.walker);
  if (subject === 'fhir') return fhirCases(serviceUrl, cast.walker);
  if (subject === 'sync') return syncCases(serviceUrl, bareUrl, cast.sync);
  const weights = `${serviceUrl}/api/health-metrics/weight`;
  if (subject === 'hot')
    return [
      listing(weights, bareUrl, cast),
      creating('create, one client', 1, weights, bareUrl, [cast.hot]),
      creating('create, one person', USUAL_CLIENTS, weights, bareUrl, [cast.hot]),
      creating(`create, ${CROWD} people`, CROWD, weights, bareUrl, cast.crowd),
      ...syncCases(serviceUrl, bareUrl, cast.sync).filter(({ name }) => name !== 'push 1'),
    ];
  return [
    listing(weights, bareUrl, cast),
    creating('create, one person', USUAL_CLIENTS, weights, bareUrl, [cast.hot]),
    creating(`create, ${CROWD} people`, CROWD, weights, bareUrl, cast.crowd),
    pushing(weights, bareUrl, cast),
    pulling(weights, bareUrl, cast),
    askingInVain(weights, bareUrl, cast),
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

const pushing = (weights: string, bareUrl: string, { pushers }: Cast): Case => ({
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
  bare: {
    url: `${bareUrl}/push`,
    method: 'POST',
    status: 200,
    headers: (client) => bareHeaders(oneOf(pushers, client)),
    body: () => JSON.stringify(outbox()),
  },
  targets: [
    { of: 'ratio', atLeast: 0.6 },
    { of: 'p95', below: 100 },
  ],
});

const pulling = (weights: string, bareUrl: string, { reader }: Cast): Case => ({
  name: 'pull 500 of 1 000 changes',
  clients: PULLING_CLIENTS,
  ...single,
  service: { url: `${weights}/sync?limit=500`, method: 'GET', status: 200, headers: () => headersOf(reader) },
  bare: { url: `${bareUrl}/pull?limit=500`, method: 'GET', status: 200, headers: () => bareHeaders(reader) },
  targets: [
    { of: 'ratio', atLeast: 0.8 },
    { of: 'p95', below: 25 },
  ],
});

const askingInVain = (weights: string, bareUrl: string, { reader, tag }: Cast): Case => ({
  name: 'pull, nothing new (304)',
  clients: USUAL_CLIENTS,
  ...single,
  service: {
    url: `${weights}/sync?limit=500`,
    method: 'GET',
    status: 304,
    headers: () => ({ ...headersOf(reader), 'if-none-match': tag }),
  },
  bare: { url: `${bareUrl}/head`, method: 'GET', status: 304, headers: () => bareHeaders(reader) },
  targets: [{ of: 'ratio', atLeast: 0.4 }],
});

/** The person for a client; the people are used in turn. */
function oneOf(people: readonly Person[], client: number): Person {
  const person = people[client % people.length];
  if (!person) throw new Error('There is no person to measure');
  return person;
}

const headersOf = ({ headers }: Person): Record<string, string> => ({ ...headers });
