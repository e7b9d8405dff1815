export { AuthModule } from './auth.module.js';
export { EmailService } from './email.service.js';
export { MailLimits } from './mail-limits.js';
export { PasswordResetService } from './password-reset.service.js';
export { Takeover } from './takeover.js';
