import { isEmail } from 'class-validator';
import { FirstAdmin } from '../modules/operations/admin/first-admin.js';
import { withApplication } from './application.js';

/*
 * `npm run admin:create -- <address>`: gives the account of this e-mail address the role of an admin, on the database of
 * DATABASE_URL. It creates the account when there is none. It prints a link that sets the password and works once. Exit code
 * 1 when the account is disabled, 2 when the argument is not an e-mail address.
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
