import { declaredAuditActions } from '../../../kernel/audit/actions.js';
import { load } from '../../../platform/discovery.js';

// The list is part of the API document, so all declarations are loaded before a DTO reads it.
await load('modules', /\.audit\.[jt]s$/);

/** The names of all audit actions, with their meaning. */
export const declaredActions = declaredAuditActions();
