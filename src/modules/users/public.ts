export { AccountSection } from './account-section.js';
export { normalizeEmail } from './email.js';
export { User } from './user.entity.js';
export { UpdateUserDto, UserDto, userWire } from './users.dto.js';
export { UsersModule } from './users.module.js';
export { type NewUser, UsersService } from './users.service.js';
