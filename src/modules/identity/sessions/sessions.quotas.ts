import { defineQuota } from '../../../kernel/quotas/quota.js';

export const sessionsQuota = defineQuota(
  'sessions',
  'open sessions; one more ends the least recently used one',
);
