import { Section } from '../../kernel/http/openapi/section.js';

const ABOUT = `Syncs everything that a person stores between phones that are often offline. A phone pulls until \`has_more\` is
false, pushes its outbox, and pulls again. Every change has a position (\`seq\`) in one sequence; a cursor says up to which
position a phone has received the changes. The [guide to sync](/docs/guide/sync) lists the rules for clients;
\`@hale/client\` implements them. The WebSocket \`/ws/sync\` says when there is something to pull: [its
messages](/docs/guide/sync#realtime).`;

/** Section of the API documentation for all of sync. */
export const SyncSection = () => Section('Sync', ABOUT, 1);
