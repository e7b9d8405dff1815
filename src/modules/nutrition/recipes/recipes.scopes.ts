import { defineResource } from '../../../kernel/access/scopes.js';

/** The recipes of a person. */
export const recipes = defineResource('recipes');
