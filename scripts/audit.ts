import { AuditService } from '../src/modules/audit/audit.service.js';
import { withApplication } from './support/application.js';

/*
 * `npm run audit:verify`: follows the audit log of DATABASE_URL from its first entry to its last. Exit code 1 when an
 * entry was changed, taken out or put in. The hash it prints, kept elsewhere, proves the same of this moment later.
 */
const { entries, hash, brokenAt } = await withApplication((app) => app.get(AuditService).verify());
console.log(
  brokenAt === undefined
    ? `${entries} entries follow from each other; the last hash is ${hash || 'none'}`
    : `Entry ${brokenAt} does not follow from the ${entries} before it`,
);
process.exitCode = brokenAt === undefined ? 0 : 1;
