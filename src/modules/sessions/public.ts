export { AccessTokens, type Grant } from './access-tokens.js';
export { type Ended, SessionGate } from './session-gate.js';
export { Session } from './session.entity.js';
export { AccessTokenDto, DeviceDto, EXAMPLE_DEVICE, SignedInDto } from './sessions.dto.js';
export { SessionsModule } from './sessions.module.js';
export { type Device, deviceOf, SessionsService } from './sessions.service.js';
export { SignInSection } from './sign-in-section.js';
export { Tokens } from './tokens.js';
