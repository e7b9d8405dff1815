import { defineResource } from '../../../kernel/access/scopes.js';

/** Nights and naps of a person. */
export const sleep = defineResource('sleep');
