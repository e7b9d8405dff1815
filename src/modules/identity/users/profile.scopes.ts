import { defineResource } from '../../../kernel/access/scopes.js';

/** The profile of a person. */
export const profile = defineResource('profile');
