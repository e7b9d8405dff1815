import { defineQuota } from '../../../kernel/quotas/quota.js';

export const passkeysQuota = defineQuota('passkeys', 'passkeys');
