import { Section } from '../../../kernel/http/openapi/section.js';

/** Section of the API documentation for the account itself. */
export const AccountSection = () =>
  Section(
    'Account',
    'The profile of the signed-in person, password and address, the access log, and the deletion of the account.',
    3,
  );
