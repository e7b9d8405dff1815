import { classesIn } from './platform/discovery.js';
import type { Schema } from './platform/database/connect.js';

/** The entities and migrations of the product, found by their file names. */
export const schema: Schema = {
  entities: await classesIn('.', /\.entity\.[jt]s$/),
  migrations: await classesIn('../migrations', /^\d{13}-.*\.[jt]s$/),
};
