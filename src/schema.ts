import { classesIn } from './discovery.js';
import type { Schema } from './platform/database/connect.js';

/** Every table, and the way there: whatever the modules declare. */
export const schema: Schema = {
  entities: await classesIn('.', /\.entity\.[jt]s$/),
  migrations: await classesIn('../migrations', /^\d{13}-.*\.[jt]s$/),
};
