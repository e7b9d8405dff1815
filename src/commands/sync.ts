import type { INestApplicationContext } from '@nestjs/common';
import { EpochsService } from '../modules/sync/pull/epochs.service.js';
import { RetentionService } from '../modules/sync/retention/retention.service.js';
import { withApplication } from './application.js';

/*
 * `npm run sync:new-epoch`: run it after a restore from a backup and before the service starts again. `npm run sync:purge`:
 * does now what the service does once a day. Both work on the database of DATABASE_URL.
 */
const commands = {
  'new-epoch': async (app: INestApplicationContext) => {
    const people = await app.get(EpochsService).beginForAll();
    console.log(
      `A new epoch began for ${people} people. Phones will send again what this backup does not have.`,
    );
  },
  purge: async (app: INestApplicationContext) =>
    console.log(JSON.stringify(await app.get(RetentionService).run())),
};

const command = commands[process.argv[2] as keyof typeof commands];
if (!command) throw new Error(`usage: sync.js ${Object.keys(commands).join(' | ')}`);
await withApplication(command);
