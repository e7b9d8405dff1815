import { SEALED_SIGNING_SECRETS } from '../src/modules/api-keys/request-signatures.js';
import { SEALED_SEEDS } from '../src/modules/factors/totp.js';
import { Resealing } from '../src/platform/secrets/resealing.js';
import { withApplication } from './support/application.js';

/*
 * `npm run secret:reseal`: seals with JWT_SECRET what was sealed with one of JWT_ACCEPTED_SECRETS and is kept for years,
 * on the database of DATABASE_URL, while the service runs. Exit code 1 when there is something none of them opens.
 */
let isReadable = true;
await withApplication(async (app) => {
  for (const column of [SEALED_SEEDS, SEALED_SIGNING_SECRETS]) {
    const { renewed, unreadable } = await app.get(Resealing).reseal(column);
    console.log(`${column.table}: ${renewed} sealed anew, ${unreadable} that no secret opens`);
    isReadable &&= unreadable === 0;
  }
});
process.exitCode = isReadable ? 0 : 1;
