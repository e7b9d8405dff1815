import { defineConflicts } from '../define-conflicts.js';
import { PersonConflict } from './person-conflict.entity.js';
import { personType } from './person.owner.js';

export const personConflicts = defineConflicts(personType, PersonConflict);
