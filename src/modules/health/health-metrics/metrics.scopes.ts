import { defineResource } from '../../../kernel/access/scopes.js';

/** Body measurements of a person. */
export const metrics = defineResource('metrics');
