export { AccountLetters } from './account-letters.js';
export { AccountSection } from './account-section.js';
export { AddressField } from './address-field.js';
export { Credentials, LetsIn } from './credentials.js';
export { normalizeEmail } from './email.js';
export { type Role, roles, User } from './user.entity.js';
export { ROLE, UpdateUserDto, UserDto, userWire } from './users.dto.js';
export { UsersModule } from './users.module.js';
export { type NewUser, UsersService } from './users.service.js';
