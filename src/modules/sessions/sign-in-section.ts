import { Section } from '../../kernel/openapi/section.js';

/** The part of the documentation that is about getting in. */
export const SignInSection = () =>
  Section('Sign-in', 'Accounts are made here, sessions begin and end, tokens are renewed.', 0);
