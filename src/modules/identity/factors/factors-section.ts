import { Section } from '../../../kernel/http/openapi/section.js';

/** Section of the API documentation for factors besides the password. */
export const FactorsSection = () =>
  Section(
    'Two-factor authentication',
    'Authenticator apps, recovery codes and passkeys. The challenge at sign-in is under *Sign-in*.',
    3,
  );
