import { defineQuota } from '../../../kernel/quotas/quota.js';

export const grantsQuota = defineQuota('grants', 'grants that were given and have not expired');
