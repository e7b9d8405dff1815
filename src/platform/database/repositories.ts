import {
  type DataSource,
  type EntityTarget,
  type InsertResult,
  type ObjectLiteral,
  type QueryDeepPartialEntity,
  Repository,
} from 'typeorm';
import { readOnly } from './connect.js';
import type { Database } from './database.js';

/**
 * TypeORM's repository of one entity, which joins the caller's unit of work: every call uses the entity manager of the
 * current unit.
 */
class UnitRepository<Entity extends ObjectLiteral> extends Repository<Entity> {
  constructor(target: EntityTarget<Entity>, database: Database) {
    super(target, database.manager);
    Object.defineProperty(this, 'manager', { get: () => database.manager });
  }

  /**
   * Inserts rows in one statement. TypeORM's own `insert` also reads columns with a default back into the entity. It needs a
   * second statement for that, or on MariaDB a RETURNING, which returns integers as text.
   */
  override insert(
    entities: QueryDeepPartialEntity<Entity> | QueryDeepPartialEntity<Entity>[],
  ): Promise<InsertResult> {
    return this.createQueryBuilder().insert().values(entities).updateEntity(false).execute();
  }
}

/**
 * The data source from which `TypeOrmModule.forFeature` takes its repositories. A repository of `@InjectRepository` joins the
 * current unit of work. Outside a unit, it reads committed rows and refuses to write.
 */
export function unitDataSource(database: Database): DataSource {
  const source = readOnly(database.reader);
  source.getRepository = <Entity extends ObjectLiteral>(target: EntityTarget<Entity>) =>
    new UnitRepository(target, database);
  return source;
}
