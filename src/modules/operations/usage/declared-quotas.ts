import { declaredQuotas } from '../../../kernel/quotas/quota.js';
import { load } from '../../../platform/discovery.js';

// The list is part of the API document, so all declarations are loaded before a DTO reads it.
await load('', /\.quotas\.[jt]s$/);

/** All quotas, with what they count. */
export const quotas = declaredQuotas();
