export { ChallengeDto } from './factors.dto.js';
export { FactorsSection } from './factors-section.js';
export { FactorsModule } from './factors.module.js';
export { SignInEndpoint } from './sign-in-endpoint.js';
export { SignIns } from './sign-ins.js';
