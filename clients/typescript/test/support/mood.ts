import { type Kind, RULES } from '../../src/kinds.generated.js';

/** A kind of a client that is newer than the server. */
export const MOOD = 'mood' as Kind;

export function learnMood(): void {
  const text = { type: 'string', minLength: 1, maxLength: 20 };
  const fields = { type: 'object', required: ['text'], properties: { text } };
  Object.assign(RULES, { mood: { groups: [['text']], fields } });
}
