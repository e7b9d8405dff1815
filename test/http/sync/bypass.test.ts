import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeReferences } from '../../contract/kinds.support.js';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device, drainSync, mealFields, shown, weightFields, type Wire } from '../../support/sync.js';
import { entry, SYNC, WEIGHT } from '../../support/weights.js';
import { exampledPath, examplesOf, ID_PARAMETER, idFor, operationOf } from '../openapi.support.js';
import { before, conflictsOf, liveOf, shared, twoPhones } from './support.js';

const document = JSON.parse(readFileSync(new URL('../../../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, unknown>>;
};
const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.keys(methods)
    .filter((method) => ['post', 'put', 'patch', 'delete'].includes(method))
    .map((method) => `${method.toUpperCase()} ${path}`),
);
/**
 * Routes that write no record, or only after their answer: an import by the same way as a bulk creation, and the deletion of a
 * source, which has tests of its own.
 */
const OTHERS =
  /^\w+ \/api\/((auth|users|api-keys|admin|imports|sync\/clients)\/|sources\/(deletions\/|\{source\}))/;

interface Scene {
  readonly api: Api;
  readonly a: Device;
  readonly weight: Wire;
  readonly meal: Wire;
}
/** Calls the route. */
type Use = (scene: Scene) => Promise<Answer>;

const MEALS = '/api/meals';

/** How to call the routes for which the example in the document is not enough. */
const uses: Readonly<Record<string, Use>> = {
  'POST /api/meals': ({ api }) => api.post(MEALS, mealFields()),
  'PUT /api/meals/{id}': ({ api, meal }) => api.put(`${MEALS}/${meal['id']}`, { note: 'new' }),
  'DELETE /api/meals/{id}': ({ api, meal }) => api.delete(`${MEALS}/${meal['id']}`),
  'POST /api/health-metrics/weight': ({ api }) => api.post(WEIGHT, weightFields()),
  'PUT /api/health-metrics/weight/{id}': ({ api, weight }) =>
    api.put(`${WEIGHT}/${weight['id']}`, { weight_value: 80, unit: 'kg' }),
  'DELETE /api/health-metrics/weight/{id}': ({ api, weight }) => api.delete(`${WEIGHT}/${weight['id']}`),
  'POST /api/health-metrics/weight/sync': ({ api }) => api.post(SYNC, { entries: [entry('x')] }),
  'POST /api/sync/push': ({ a }) => a.send([a.create('meal', mealFields())]),
  'POST /api/sync/events': ({ api }) =>
    api.post('/api/sync/events', {
      client_id: 'reporter',
      events: [
        {
          event_id: randomUUID(),
          client_seq: 1,
          type: 'weight',
          id: randomUUID(),
          occurred_at: before(0),
          payload: weightFields(),
        },
      ],
    }),
  'POST /api/sync/conflicts/{id}/resolve': async ({ api }) => {
    const [conflict] = await conflictsOf(api);
    return api.post(`/api/sync/conflicts/${conflict?.['id']}/resolve`, { choice: 'use_mine' });
  },
};

/** Calls a route as the document shows it, on a record that is created now. */
async function documented(route: string, api: Api): Promise<Use> {
  const operation = operationOf(route);
  const path = exampledPath(operation).replace(ID_PARAMETER, await idFor(operation, api));
  const [example] = examplesOf(operation.spec['requestBody']);
  await storeReferences(api, (example?.[1] ?? {}) as Wire);
  return () => api.send(operation.method, path, example?.[1]);
}

describe.runIf(hasDatabase())('sync, all ways to write a record', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.stop());

  /** Records of every kind that a route may need. */
  async function scene(): Promise<Scene> {
    const { person, a, b } = await twoPhones(app.api);
    const [weight, meal, contested] = [
      await shared(a, 'weight'),
      await shared(a, 'meal'),
      await shared(a, 'meal'),
    ];
    await b.push(b.update(contested, { title: 'Theirs' }, { modified_at: before(1_000) }));
    await a.push(a.update(contested, { title: 'Mine' }, { modified_at: before(60_000) }));
    return { api: person.device('online'), a, weight, meal };
  }

  it.each(routes.filter((route) => !OTHERS.test(`${route}/`)))('F2 %s is in the next pull', async (route) => {
    const set = await scene();
    const use = uses[route] ?? (await documented(route, set.api));
    const known = await drainSync(set.api);
    const digest = await set.api.get('/api/sync/digest');
    const { status } = await use(set);
    expect([200, 201, 204]).toContain(status);
    const { changes } = await drainSync(set.api, { cursor: known.cursor });
    expect(changes.length).toBeGreaterThan(0);
    for (const { seq } of changes) expect(BigInt(seq)).toBeGreaterThan(BigInt(known.seq));
    // After the pull the phone equals a fresh one: nothing changed without an announcement.
    const phone = shown([...known.changes, ...changes]);
    expect(Object.fromEntries(phone)).toEqual(Object.fromEntries(await liveOf(set.api)));
    expect((await set.api.get('/api/sync/digest')).body).not.toEqual(digest.body);
  });

  it('F2 the list contains no route that does not exist', () => {
    expect(Object.keys(uses).filter((route) => !routes.includes(route))).toEqual([]);
  });

  it('F2 edits of routes and pushes are one history: the newer edit wins', async () => {
    const { api, a, meal } = await scene();
    await api.put(`${MEALS}/${meal['id']}`, { title: 'Online' });
    await a.push(a.update(meal, { title: 'Late' }, { modified_at: before(3_000_000) }));
    expect((await liveOf(api)).get(meal['id'])?.['data'].title).toBe('Online');
    await a.push(a.update({ ...meal, version: 2 }, { title: 'Phone' }));
    expect((await api.get(`${MEALS}/${meal['id']}`)).body['title']).toBe('Phone');
    await a.push(a.delete({ ...meal, version: 3 }));
    expect((await api.get(`${MEALS}/${meal['id']}`)).status).toBe(404);
  });
});
