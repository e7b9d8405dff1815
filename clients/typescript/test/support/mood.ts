import type { Kind } from '../../src/kinds.generated.js';
import type { KindDefinition } from '../../src/rules.js';

/** A kind of a client that is newer than the server. */
export const mood: KindDefinition = {
  kind: 'mood' as Kind,
  groups: [['text']],
  fields: {
    type: 'object',
    required: ['text'],
    properties: { text: { type: 'string', minLength: 1, maxLength: 20 } },
  },
};
