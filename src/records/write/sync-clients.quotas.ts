import { defineQuota } from '../../kernel/quotas/quota.js';

export const devicesQuota = defineQuota('devices', 'devices and sessions that have synced');
