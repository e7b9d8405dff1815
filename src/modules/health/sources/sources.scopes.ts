import { defineResource } from '../../../kernel/access/scopes.js';

/** The names of a person's sources, and their order. */
export const sources = defineResource('sources');
