import { defineResource } from '../../../kernel/access/scopes.js';

/** Medications of a person, their schedules, their doses and their stock. */
export const medications = defineResource('medications');
