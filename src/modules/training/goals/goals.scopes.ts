import { defineResource } from '../../../kernel/access/scopes.js';

/** The goals of a person, and how far they are. */
export const goals = defineResource('goals');
