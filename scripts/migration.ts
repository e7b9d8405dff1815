import { processConfig } from '../src/config/config.js';
import { writerOf } from '../src/platform/database/connect.js';
import { drift, migrate, revert } from '../src/platform/database/migrate.js';
import { schema } from '../src/schema.js';

/* `npm run migration:run | migration:revert | migration:check`, on the database of DATABASE_URL. */
const commands = {
  run: async () => console.log(await migrate(dataSource)),
  revert: () => revert(dataSource),
  check: async () => {
    const statements = await drift(dataSource);
    for (const statement of statements) console.error(statement);
    process.exitCode = statements.length > 0 ? 1 : 0;
  },
};

const command = process.argv[2] as keyof typeof commands;
const dataSource = await writerOf(processConfig(), schema);
await dataSource.initialize();
try {
  await commands[command]();
} finally {
  await dataSource.destroy();
}
