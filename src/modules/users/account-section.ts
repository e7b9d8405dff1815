import { Section } from '../../kernel/openapi/section.js';

/** The part of the documentation that is about the account itself. */
export const AccountSection = () =>
  Section(
    'Account',
    'The profile of the person who is signed in, how they sign in, who used the account, and its end.',
    1,
  );
