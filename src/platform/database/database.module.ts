import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { readerOf, type Schema, writerOf } from './connect.js';
import { Database } from './database.js';
import { migrate } from './migrate.js';
import { UnitOfWork } from './unit-of-work.js';

/** Connects, migrates, and closes the database. */
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  static with(schema: Schema): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: Database, inject: [Config], useFactory: (config: Config) => openDatabase(config, schema) },
        UnitOfWork,
      ],
      exports: [Database, UnitOfWork],
    };
  }

  constructor(@Inject(Database) private readonly database: Database) {}

  /** After the HTTP server has closed: requests that were under way still needed the database. */
  async onApplicationShutdown(): Promise<void> {
    const { reader, writer } = this.database;
    if (reader !== writer) await reader.destroy();
    await writer.destroy();
  }
}

async function openDatabase(config: Config, schema: Schema): Promise<Database> {
  const writer = await (await writerOf(config, schema)).initialize();
  await migrate(writer);
  const reader = readerOf(config, schema, writer);
  if (reader !== writer) await reader.initialize();
  return new Database(writer, reader);
}
