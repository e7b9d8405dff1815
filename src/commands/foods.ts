import { FoodsImportService, UnknownTable } from '../modules/nutrition/foods/import/foods-import.service.js';
import { withApplication } from './application.js';

/*
 * `npm run foods:import -- <file>`: imports a table of foods that everybody may read into the database of DATABASE_URL: Ciqual 2020,
 * or a CSV file with the columns that docs/operations.md lists. It names each row that it cannot read with its line, and imports the
 * others. Repeating it changes nothing. Exit code 1 when rows were skipped or the file is not such a table, 2 without an argument.
 */
const [command, file, ...rest] = process.argv.slice(2);
if (command !== 'import' || file === undefined || rest.length > 0) {
  console.error('usage: npm run foods:import -- <file>');
  process.exit(2);
}
try {
  const { table, created, replaced, skipped } = await withApplication((app) =>
    app.get(FoodsImportService).import(file, ({ line, reason }) => console.error(`line ${line}: ${reason}`)),
  );
  console.log(`${table}: ${created} foods created, ${replaced} replaced, ${skipped} rows skipped`);
  process.exitCode = skipped > 0 ? 1 : 0;
} catch (error) {
  const isExpected = error instanceof UnknownTable || 'code' in (error as object);
  console.error(isExpected ? (error as Error).message : error);
  process.exitCode = 1;
}
