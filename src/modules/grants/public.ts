export { GrantsModule } from './grants.module.js';
export { ReceivedGrants } from './received-grants.js';
