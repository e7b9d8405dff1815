import { Section } from '../../../kernel/http/openapi/section.js';

/** Section of the API documentation for sign-in. */
export const SignInSection = () =>
  Section(
    'Sign-in',
    'Register, sign in and out, refresh tokens, recover a password, and manage sessions.',
    2,
  );
