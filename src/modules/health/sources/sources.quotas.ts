import { defineQuota } from '../../../kernel/quotas/quota.js';

export const deletionsQuota = defineQuota(
  'source_deletions',
  'deletions of sources that are under way or can be taken back',
);
