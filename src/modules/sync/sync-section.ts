import { Section } from '../../kernel/openapi/section.js';

const ABOUT = `Everything a person keeps, on phones that are often offline. A phone pulls until \`has_more\` is false, pushes its outbox,
and pulls again. Every change has a place (\`seq\`) in one order; a cursor says how far a phone has come. The rules a
client must keep are in the guide \`docs/sync.md\`; \`@hale/client\` keeps them.`;

/** The part of the documentation all of sync appears in. */
export const SyncSection = () => Section('Sync', ABOUT, 3);
