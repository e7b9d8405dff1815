import { isEmail } from 'class-validator';
import { FirstAdmin } from '../src/modules/admin/first-admin.js';
import { withApplication } from './support/application.js';

/*
 * `npm run admin:create -- <address>`: gives the account of this address the role of an admin, on the database of
 * DATABASE_URL, and makes the account where there is none. Prints a link that sets its password, which works once. Exit
 * code 1 when the account is closed, 2 for what is no address.
 */
const [address = ''] = process.argv.slice(2);
if (!isEmail(address)) {
  console.error('usage: npm run admin:create -- <address>');
  process.exit(2);
}
const link = await withApplication((app) => app.get(FirstAdmin).create(address));
if (link === undefined) {
  console.error(`The account of ${address} is closed, and nothing was changed: an admin must open it first.`);
  process.exitCode = 1;
} else {
  console.log(
    `${address} is an admin. Set a password of at least 15 characters, then a second factor:\n${link}`,
  );
}
