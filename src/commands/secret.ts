import { SEALED_SIGNING_SECRETS } from '../modules/identity/api-keys/request-signatures.js';
import { SEALED_SEEDS } from '../modules/identity/factors/totp.js';
import { Resealing } from '../platform/secrets/resealing.js';
import { withApplication } from './application.js';

/*
 * `npm run secret:reseal`: encrypts long-lived secrets in the database of DATABASE_URL again with JWT_SECRET, when they were
 * encrypted with one of JWT_ACCEPTED_SECRETS. The service may run meanwhile. Exit code 1 when no secret can decrypt one.
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
