import { defineQuota } from '../quotas/quota.js';

export const pendingMailsQuota = defineQuota(
  'pending_mails',
  'mails about the account that wait for the mail server; when there are too many, no further link is mailed, but notices are',
);
