import { describe, expect, it, vi } from 'vitest';
import { startFaultProxy } from '../../tools/support/fault-proxy.js';
import { Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { Device, weightFields } from '../support/sync.js';
import { RxdbClient } from './support/rxdb.js';
import { scenarios } from './support/scenarios.js';

/** RxDB's own replication, unmodified. */
describe.runIf(hasDatabase())('RxDB', () => {
  scenarios(RxdbClient.open, RxdbClient.open);

  it('gets a change by a poke, without polling', async () => {
    const app = await TestApp.start();
    const person = await app.api.register();
    const network = await startFaultProxy(Number(new URL(app.url).port));
    const client = await RxdbClient.open(new Api(network.url, person.headers), network, app.url);
    await client.sync();
    await client.listening;
    const other = await new Device(person).ready();
    const created = other.create('weight', weightFields(70));
    await other.push(created);
    await vi.waitFor(async () => expect([...(await client.rows('weight')).keys()]).toEqual([created['id']]), {
      timeout: 5_000,
    });
    await client.close();
    await network.close();
    await app.stop();
  });
});
