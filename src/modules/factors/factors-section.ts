import { Section } from '../../kernel/openapi/section.js';

/** The part of the documentation that is about what a person has besides a password. */
export const FactorsSection = () =>
  Section(
    'Second factor',
    'Authenticator apps, recovery codes and passkeys. What is asked for at sign-in is under *Sign-in*.',
    1,
  );
