import type { INestApplicationContext } from '@nestjs/common';
import { EpochsService } from '../src/modules/sync/epochs.service.js';
import { RetentionService } from '../src/modules/sync/retention.service.js';
import { withApplication } from './support/application.js';

/*
 * `npm run sync:new-epoch`: after a restore from a backup and before the service starts again, on the database of
 * DATABASE_URL. `npm run sync:purge`: what the service does by itself once a day.
 */
const commands = {
  'new-epoch': async (app: INestApplicationContext) => {
    const people = await app.get(EpochsService).beginForAll();
    console.log(`A new epoch began for ${people} people. Phones will send again what this backup has not.`);
  },
  purge: async (app: INestApplicationContext) =>
    console.log(JSON.stringify(await app.get(RetentionService).run())),
};

const command = commands[process.argv[2] as keyof typeof commands];
if (!command) throw new Error(`usage: sync.js ${Object.keys(commands).join(' | ')}`);
await withApplication(command);
