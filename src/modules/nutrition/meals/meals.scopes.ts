import { defineResource } from '../../../kernel/access/scopes.js';

/** The meals of a person. */
export const meals = defineResource('meals');
