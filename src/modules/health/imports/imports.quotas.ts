import { defineQuota } from '../../../kernel/quotas/quota.js';

/** The file of a person's last preview; it makes room for the next one. */
export const importFilesQuota = defineQuota('import_files', 'files of previews that are kept');

export const importsQuota = defineQuota('imports', 'imports that are under way');
