import { processConfig } from '../config/config.js';
import { writerOf } from '../platform/database/connect.js';
import { drift, migrate, revert } from '../platform/database/migrate.js';
import { schema } from '../schema.js';

/* `npm run migration:run | migration:revert | migration:check`: works on the database of DATABASE_URL. */
const commands = {
  run: async () => console.log(await migrate(dataSource)),
  revert: () => revert(dataSource),
  check: async () => {
    const differences = (await dataSource.showMigrations())
      ? ['Some migrations have not run on this database: use `npm run migration:run` first']
      : await drift(dataSource);
    for (const difference of differences) console.error(difference);
    process.exitCode = differences.length > 0 ? 1 : 0;
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
