import { AuditService } from '../modules/operations/audit/audit.service.js';
import { withApplication } from './application.js';

/*
 * `npm run audit:verify`: verifies the audit log of DATABASE_URL from its first entry to its last. Exit code 1 when an entry
 * was changed, removed or inserted. Store the hash that it prints somewhere else: later it proves that the log up to this
 * moment was not changed.
 */
const { entries, hash, brokenAt } = await withApplication((app) => app.get(AuditService).verify());
console.log(
  brokenAt === undefined
    ? `${entries} entries follow from each other; the last hash is ${hash || 'none'}`
    : `Entry ${brokenAt} does not follow from the ${entries} before it`,
);
process.exitCode = brokenAt === undefined ? 0 : 1;
