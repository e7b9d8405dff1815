import { NestFactory } from '@nestjs/core';
import { AppModule } from '../src/app.module.js';
import { loadConfig } from '../src/config/config.js';
import { EpochsService } from '../src/modules/sync/epochs.service.js';
import { RetentionService } from '../src/modules/sync/retention.service.js';

/*
 * `npm run sync:new-epoch`: after a restore from a backup and before the service starts again, on the database of
 * DATABASE_URL. `npm run sync:purge`: what the service does by itself once a day.
 */
const commands = {
  'new-epoch': async () => {
    const people = await app.get(EpochsService).beginForAll();
    console.log(`A new epoch began for ${people} people. Phones will send again what this backup has not.`);
  },
  purge: async () => console.log(JSON.stringify(await app.get(RetentionService).run())),
};

const command = commands[process.argv[2] as keyof typeof commands];
if (!command) throw new Error(`usage: sync.js ${Object.keys(commands).join(' | ')}`);
const app = await NestFactory.createApplicationContext(AppModule.with(loadConfig(process.env)), {
  logger: ['error'],
});
try {
  await command();
} finally {
  await app.close();
}
