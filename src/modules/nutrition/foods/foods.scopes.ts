import { defineResource } from '../../../kernel/access/scopes.js';

/** The foods of a person, and the shared ones. */
export const foods = defineResource('foods');
