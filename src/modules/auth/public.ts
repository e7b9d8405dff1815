export { AccessTokens, type Grant } from './access-tokens.js';
export { AuthModule } from './auth.module.js';
export { type Ended, SessionGate } from './session-gate.js';
