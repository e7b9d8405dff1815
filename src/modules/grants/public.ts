export { GrantsModule } from './grants.module.js';
export { GrantsService } from './grants.service.js';
