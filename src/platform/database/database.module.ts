import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { DataSource } from 'typeorm';
import { exactIntegers, readerOf, type Schema, writerOf } from './connect.js';
import { Database } from './database.js';
import { migrate } from './migrate.js';
import { unitDataSource } from './repositories.js';
import { UnitOfWork } from './unit-of-work.js';

/**
 * Connects, migrates and closes the database. Modules get their repositories in the usual way of Nest, by
 * `TypeOrmModule.forFeature([…])` and `@InjectRepository(…)`.
 */
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  static with(schema: Schema): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: Database, inject: [Config], useFactory: (config: Config) => openDatabase(config, schema) },
        UnitOfWork,
        { provide: DataSource, inject: [Database], useFactory: unitDataSource },
      ],
      exports: [Database, UnitOfWork, DataSource],
    };
  }

  constructor(@Inject(Database) private readonly database: Database) {}

  /** Runs after the HTTP server has closed, because its last requests still need the database. */
  async onApplicationShutdown(): Promise<void> {
    const { reader, writer } = this.database;
    if (reader !== writer) await reader.destroy();
    await writer.destroy();
  }
}

export async function openDatabase(config: Config, schema: Schema): Promise<Database> {
  const writer = await (await writerOf(config, schema)).initialize();
  await migrate(writer);
  exactIntegers(writer);
  const reader = readerOf(config, schema, writer);
  if (reader !== writer) await reader.initialize();
  return new Database(writer, reader, config.env.DATABASE_WRITE_WAIT);
}
