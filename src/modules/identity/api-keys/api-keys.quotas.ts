import { defineQuota } from '../../../kernel/quotas/quota.js';

export const apiKeysQuota = defineQuota('api_keys', 'API keys, expired ones included');
