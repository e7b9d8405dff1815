import { DeadLetters } from '../kernel/events/dead-letters.js';
import { withApplication } from './application.js';

/*
 * `npm run outbox:retry` retries all dead letters; `npm run outbox:retry -- <subscriber>` only those of one subscriber. It
 * works on the database of DATABASE_URL. The service that runs on this database delivers them.
 */
const [command, subscriber, ...rest] = process.argv.slice(2);
if (command !== 'retry' || rest.length > 0) {
  console.error('usage: npm run outbox:retry [-- <subscriber>]');
  process.exit(2);
}
const { retried, dead } = await withApplication(async (app) => {
  const deadLetters = app.get(DeadLetters);
  return { retried: await deadLetters.retry(subscriber), dead: (await deadLetters.count()).dead };
});
console.log(`${retried} dead letters will be delivered again; ${dead} are left`);
