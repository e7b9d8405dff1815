import type { TestingModuleBuilder } from '@nestjs/testing';
import { Config } from '../../src/config/config.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import { Database } from '../../src/platform/database/database.js';
import { type RecordDefinition, sealRecords } from '../../src/records/define/define-record.js';
import { RecordCatalog } from '../../src/records/define/record-catalog.js';
import { schema } from '../../src/schema.js';

type Class = new () => object;

export interface ExtraKinds {
  readonly kinds: readonly RecordDefinition[];
  readonly entities: readonly Class[];
  readonly migrations: readonly Class[];
}

/** Adds kinds to the application that the product does not have. It does not change the catalog of other tests. */
export const withKinds =
  ({ kinds, entities, migrations }: ExtraKinds) =>
  (builder: TestingModuleBuilder): TestingModuleBuilder =>
    builder
      .overrideProvider(Database)
      .useFactory({
        inject: [Config],
        factory: (config: Config) =>
          openDatabase(config, {
            entities: [...schema.entities, ...entities],
            migrations: [...schema.migrations, ...migrations],
          }),
      })
      .overrideProvider(RecordCatalog)
      .useFactory({
        inject: [Database],
        factory: (database: Database) => new RecordCatalog(database, [...sealRecords(), ...kinds]),
      });
