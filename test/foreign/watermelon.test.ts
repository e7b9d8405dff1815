import { describe } from 'vitest';
import { hasDatabase } from '../support/database.js';
import { RxdbClient } from './support/rxdb.js';
import { scenarios } from './support/scenarios.js';
import { WatermelonClient } from './support/watermelon.js';

/** WatermelonDB's own `synchronize`, unmodified. */
describe.runIf(hasDatabase())('WatermelonDB', () => {
  scenarios(WatermelonClient.open, WatermelonClient.open);
});

describe.runIf(hasDatabase())('WatermelonDB beside RxDB', () => {
  scenarios(RxdbClient.open, WatermelonClient.open);
});
